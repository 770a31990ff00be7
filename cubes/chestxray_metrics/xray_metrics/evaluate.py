"""The task `evaluate`: predictions and labels in, a document of scores out."""

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from .bootstrap import Interval, intervals
from .console import NAMED_AT_MOST, BadInput, Console
from .parameters import Parameters, read_parameters
from .roc import roc_curve
from .scores import UNDEFINED, scores
from .tables import read_labels, read_predictions


def run(volumes: Path, console: Console) -> None:
    """Raises: BadInput, when labels or predictions cannot be scored."""
    parameters = read_parameters(volumes)
    labels = read_labels(volumes / "labels", parameters)
    predictions = read_predictions(volumes / "predictions", parameters)
    console.info(f"scoring {len(predictions)} predictions against {len(labels)} labels")
    _warn(console, "labelled but not predicted", labels.keys() - predictions.keys())
    _warn(console, "predicted but not labelled", predictions.keys() - labels.keys())
    results = evaluate(labels, predictions, parameters)
    text = yaml.safe_dump(results, sort_keys=False, default_flow_style=None, width=100)
    (volumes / "results/results.yaml").write_text(text, encoding="utf-8")
    console.info("results written")


def evaluate(
    labels: dict[str, bool], predictions: dict[str, float], parameters: Parameters
) -> dict[str, Any]:
    """The results: finite numbers, text and nulls only, and no case's id or probability.

    Scores rest on the cases that have both a label and a prediction. Raises: BadInput, when
    there is none.
    """
    common = sorted(labels.keys() & predictions.keys())
    if not common:
        raise BadInput("no prediction belongs to a labelled case")
    positive = np.array([labels[case_id] for case_id in common])
    probability = np.array([predictions[case_id] for case_id in common])
    return {
        "metrics": _metrics(positive, probability, parameters),
        "cases": {
            "labelled": len(labels),
            "predicted": len(predictions),
            "scored": len(common),
            "missing_predictions": len(labels) - len(common),
            "extra_predictions": len(predictions) - len(common),
        },
        "notes": _notes(labels, predictions, len(common)),
        "settings": _settings(parameters),
        "roc_curve": _roc_curve(positive, probability, parameters),
    }


def _metrics(
    positive: np.ndarray[Any, Any], probability: np.ndarray[Any, Any], parameters: Parameters
) -> dict[str, Any]:
    estimates = scores(np.ones((1, len(positive))), positive, probability, parameters.threshold)
    bounds = intervals(positive, probability, parameters.threshold, parameters.bootstrap)
    support = {
        parameters.negative_class: int((~positive).sum()),
        parameters.positive_class: int(positive.sum()),
    }
    return {
        name: _metric(name, float(estimate[0]), bounds[name], support)
        for name, estimate in estimates.items()
    }


def _metric(
    name: str, estimate: float, interval: Interval, support: dict[str, int]
) -> dict[str, Any]:
    counts = {"n": sum(support.values()), "support": dict(support)}
    if np.isnan(estimate):
        return {"estimate": None, "reason": UNDEFINED[name], "interval": None, **counts}
    # A list of its own, or YAML would write a reference to the first.
    bounds = None if interval.bounds is None else list(interval.bounds)
    return {
        "estimate": estimate,
        "interval": bounds,
        **counts,
        "resamples": interval.resamples,
    }


def _notes(labels: dict[str, bool], predictions: dict[str, float], scored: int) -> list[str]:
    notes = []
    if missing := len(labels) - scored:
        notes.append(f"{missing} labelled cases have no prediction and are not scored")
    if extra := len(predictions) - scored:
        notes.append(f"{extra} predictions belong to no labelled case and are not scored")
    return notes


def _settings(parameters: Parameters) -> dict[str, Any]:
    return {
        "positive_class": parameters.positive_class,
        "threshold": parameters.threshold,
        "interval": {"method": "percentile bootstrap", **parameters.bootstrap._asdict()},
    }


def _roc_curve(
    positive: np.ndarray[Any, Any], probability: np.ndarray[Any, Any], parameters: Parameters
) -> dict[str, Any]:
    if positive.all() or not positive.any():
        return {"points": 0, "reason": UNDEFINED["auc"], "fpr": [], "tpr": []}
    curve = roc_curve(positive, probability, parameters.roc_points)
    return {
        "points": len(curve.fpr),
        "is_shortened": curve.is_shortened,
        "fpr": curve.fpr.tolist(),
        "tpr": curve.tpr.tolist(),
    }


def _warn(console: Console, what: str, case_ids: set[str]) -> None:
    """Names cases in the log, which stays here; the results only count them."""
    if case_ids:
        named = ", ".join(map(repr, sorted(case_ids)[:NAMED_AT_MOST]))
        console.warning(f"{len(case_ids)} cases are {what}: {named}")
