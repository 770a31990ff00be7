"""The receiver operating characteristic as a short list of points."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .scores import Floats, tied_groups


class Curve(NamedTuple):
    """False and true positive rates from (0, 0) to (1, 1), and whether points were left out."""

    fpr: Floats
    tpr: Floats
    is_shortened: bool


def roc_curve(positive: NDArray[np.bool_], probability: Floats, most: int) -> Curve:
    """The curve through all distinct thresholds (Fawcett, Pattern Recogn. Lett. 27:861, 2006).

    Points on a straight line between their neighbours are left out, which loses nothing. When
    more than `most` remain, `most` of them are kept at even steps, which the curve then says.
    Thresholds are not given: they are the probabilities of single cases. Needs both classes.
    """
    above, below = tied_groups(np.ones((1, len(positive))), positive, probability)
    hits = np.r_[0.0, np.cumsum(above[0, ::-1])]
    alarms = np.r_[0.0, np.cumsum(below[0, ::-1])]
    corners = _corners(hits, alarms)
    kept = corners[np.linspace(0, len(corners) - 1, min(most, len(corners))).round().astype(int)]
    return Curve(alarms[kept] / alarms[-1], hits[kept] / hits[-1], len(kept) < len(corners))


def _corners(hits: Floats, alarms: Floats) -> NDArray[np.intp]:
    """Indices of both ends and of the points where the curve turns; exact, as counts are whole."""
    up, right = np.diff(hits), np.diff(alarms)
    turns = up[:-1] * right[1:] != up[1:] * right[:-1]
    return np.flatnonzero(np.r_[True, turns, True])
