"""Logistic regression on pixels: weights in a file, probabilities out."""

from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from .console import BadInput

FILE = "weights.npz"
Model = Callable[[NDArray[np.float32]], NDArray[np.float64]]


def read_model(folder: Path, size: int) -> Model:
    """The function from cases (n, size, size) to probabilities (n). Raises: BadInput."""
    coefficients, intercept = _weights(folder / FILE)
    if coefficients.shape != (size, size) or intercept.shape != ():
        raise BadInput(f"{FILE}: the weights are for another image size than {size}")
    if not (np.isfinite(coefficients).all() and np.isfinite(intercept)):
        raise BadInput(f"{FILE}: the weights are not finite")

    def probabilities(cases: NDArray[np.float32]) -> NDArray[np.float64]:
        log_odds = np.tensordot(cases.astype(np.float64), coefficients, axes=2) + intercept
        # The logistic function by way of tanh, which overflows for no argument.
        return 0.5 * (1 + np.tanh(0.5 * log_odds))

    return probabilities


def _weights(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not path.is_file():
        raise BadInput(f"the additional files hold no {FILE}")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return (
                arrays["coefficients"].astype(np.float64),
                arrays["intercept"].astype(np.float64),
            )
    except (ValueError, KeyError, EOFError, BadZipFile, TypeError, AttributeError) as error:
        raise BadInput(f"{FILE} holds no weights of this model") from error
