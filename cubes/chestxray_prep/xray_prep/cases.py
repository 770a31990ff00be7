"""Prepared cases on disk: one `<Image ID>.npy` each.

A file a case, because a case can then be named, inspected, replaced or found broken by itself;
reading 600 of them costs a twentieth of a second more than one archive would.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SUFFIX = ".npy"


def write_case(folder: Path, image_id: str, pixels: NDArray[np.float32]) -> None:
    np.save(folder / f"{image_id}{SUFFIX}", pixels, allow_pickle=False)


def read_case(folder: Path, image_id: str) -> NDArray[np.float32]:
    """Raises: OSError or ValueError, when the file is no array."""
    with (folder / f"{image_id}{SUFFIX}").open("rb") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def why_unusable(pixels: NDArray[np.float32], size: int) -> str | None:
    """What keeps an array from being a prepared case, or None: float32, size x size, in [0, 1]."""
    if pixels.dtype != np.float32:
        return f"holds {pixels.dtype} instead of float32"
    if pixels.shape != (size, size):
        return f"has the shape {pixels.shape} instead of {(size, size)}"
    if not np.isfinite(pixels).all():
        return "holds values that are not finite"
    if pixels.min() < 0 or pixels.max() > 1:
        return "holds values outside 0 to 1"
    return None


def files_in(folder: Path) -> list[str]:
    """Names of what lies in a folder, in order; hidden files of the desktop do not count."""
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
