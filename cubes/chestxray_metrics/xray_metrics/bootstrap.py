"""How far scores would vary among samples of cases like this one."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .parameters import Bootstrap
from .scores import Floats, scores

DRAWS_AT_ONCE = 2_000_000


class Interval:
    """Bounds of one score, and how many resamples had it defined; no bounds when none had."""

    def __init__(self, values: Floats, confidence: float) -> None:
        defined = values[~np.isnan(values)]
        self.resamples = len(defined)
        tail = (1 - confidence) / 2
        self.bounds = (
            tuple(float(bound) for bound in np.quantile(defined, [tail, 1 - tail]))
            if len(defined)
            else None
        )


def intervals(
    positive: NDArray[np.bool_], probability: Floats, threshold: float, settings: Bootstrap
) -> dict[str, Interval]:
    """The percentile interval of each score (Efron, Annals of Statistics 7:1, 1979).

    Cases are drawn with replacement, the same draws for all scores; a draw in which a score is
    undefined, such as one without a positive case, is left out for that score alone.
    """
    drawn = [
        scores(weights, positive, probability, threshold)
        for weights in _resamples(len(positive), settings)
    ]
    return {
        name: Interval(np.concatenate([part[name] for part in drawn]), settings.confidence)
        for name in drawn[0]
    }


def _resamples(cases: int, settings: Bootstrap) -> Iterator[Floats]:
    """How often each case was drawn in each resample (b, n), in blocks of bounded size."""
    random = np.random.default_rng(settings.seed)
    block = max(1, DRAWS_AT_ONCE // cases)
    for start in range(0, settings.resamples, block):
        rows = min(block, settings.resamples - start)
        drawn = random.integers(cases, size=(rows, cases)) + cases * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * cases)
        yield counts.reshape(rows, cases).astype(np.float64)
