"""Prepared cases in, in batches; predictions out."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .console import BadInput

CASE_SUFFIX = ".npy"
PREDICTIONS_FILE = "predictions.csv"
COLUMNS = ("Image ID", "pneumonia")


def case_ids(data: Path) -> list[str]:
    """Ids of the prepared cases, in order. Raises: BadInput, when there is none."""
    found = sorted(path.stem for path in data.glob(f"[!.]*{CASE_SUFFIX}"))
    if not found:
        raise BadInput(f"the data folder holds no prepared case (<Image ID>{CASE_SUFFIX})")
    return found


def batches(data: Path, ids: list[str], most: int, size: int) -> Iterator[NDArray[np.float32]]:
    """Stacks of at most `most` cases, (n, size, size), float32, in [0, 1]. Raises: BadInput."""
    for start in range(0, len(ids), most):
        yield np.stack([_read(data, case_id, size) for case_id in ids[start : start + most]])


def write_predictions(folder: Path, ids: list[str], probabilities: NDArray[np.floating]) -> None:
    """One row a case: its id and the probability of pneumonia, with all its digits."""
    with (folder / PREDICTIONS_FILE).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(zip(ids, map(repr, map(float, probabilities)), strict=True))


def _read(data: Path, case_id: str, size: int) -> NDArray[np.float32]:
    try:
        with (data / f"{case_id}{CASE_SUFFIX}").open("rb") as file:
            pixels = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BadInput(f"the prepared case {case_id!r} is unreadable") from error
    if pixels.shape != (size, size) or pixels.dtype != np.float32:
        raise BadInput(
            f"the prepared case {case_id!r} holds {pixels.dtype} of shape {pixels.shape} "
            f"instead of float32 of shape {(size, size)}"
        )
    if not (pixels.min() >= 0 and pixels.max() <= 1):
        raise BadInput(f"the prepared case {case_id!r} holds values that are not from 0 to 1")
    return pixels
