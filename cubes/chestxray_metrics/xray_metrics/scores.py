"""Scores of binary predictions in which each case counts a given number of times.

The weights make one estimate and a thousand bootstrap resamples the same computation.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UNDEFINED = {
    "auc": "undefined: needs cases of both classes",
    "accuracy": "undefined: needs a case",
    "sensitivity": "undefined: needs positive cases",
    "specificity": "undefined: needs negative cases",
    "f1": "undefined: needs positive cases or positive predictions",
    "brier": "undefined: needs a case",
}


def scores(
    weights: Floats, positive: NDArray[np.bool_], probability: Floats, threshold: float
) -> dict[str, Floats]:
    """Each score (b) for each of b rows of weights (b, n); NaN where it is undefined.

    - auc: the probability that a positive case ranks above a negative one, ties counting half
      (Mann and Whitney, Annals of Mathematical Statistics 18:50, 1947; its reading as the area
      under the ROC curve: Hanley and McNeil, Radiology 143:29, 1982).
    - accuracy, sensitivity, specificity: shares of all, positive and negative cases that are
      called right, a case being called positive at a probability of at least the threshold.
    - f1: 2 TP / (2 TP + FP + FN) (van Rijsbergen, Information Retrieval, 1979).
    - brier: the mean squared difference between probability and outcome (Brier, Monthly Weather
      Review 78:1, 1950).
    """
    called = probability >= threshold
    true_positive = weights @ (positive & called)
    false_positive = weights @ (~positive & called)
    true_negative = weights @ (~positive & ~called)
    false_negative = weights @ (positive & ~called)
    cases = weights.sum(axis=1)
    wrong = false_positive + false_negative
    return {
        "auc": _auc(weights, positive, probability),
        "accuracy": _share(true_positive + true_negative, cases),
        "sensitivity": _share(true_positive, true_positive + false_negative),
        "specificity": _share(true_negative, true_negative + false_positive),
        "f1": _share(2 * true_positive, 2 * true_positive + wrong),
        "brier": _share(weights @ (probability - positive) ** 2, cases),
    }


def tied_groups(
    weights: Floats, positive: NDArray[np.bool_], probability: Floats
) -> tuple[Floats, Floats]:
    """Positive and negative weight (b, g) of each distinct probability, lowest first."""
    order = np.argsort(probability, kind="stable")
    ordered = probability[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sorted_weights, sorted_positive = weights[:, order], positive[order]
    return (
        np.add.reduceat(sorted_weights * sorted_positive, starts, axis=1),
        np.add.reduceat(sorted_weights * ~sorted_positive, starts, axis=1),
    )


def _auc(weights: Floats, positive: NDArray[np.bool_], probability: Floats) -> Floats:
    above, below = tied_groups(weights, positive, probability)
    ranked_below = np.cumsum(below, axis=1) - below / 2
    return _share((above * ranked_below).sum(axis=1), above.sum(axis=1) * below.sum(axis=1))


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
