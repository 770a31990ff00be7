"""The task `statistics`: what the dataset's owner may tell others about it.

Nothing that belongs to a single case: no smallest or largest value, no value that rests on fewer
than `smallest_group` cases. When a class is that small, no class is counted, because the total
would give the count away.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from .cases import read_case, why_unusable
from .console import BadInput, Console, refuse_if_any
from .labels import read_labels
from .parameters import Parameters, read_parameters

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LEVELS = 1000


def run(volumes: Path, console: Console) -> None:
    """Raises: BadInput, when the prepared data cannot be read."""
    parameters = read_parameters(volumes)
    labels, problems = read_labels(volumes / "labels", parameters.classes)
    refuse_if_any(problems, "prepared data")
    console.info(f"summarising {len(labels)} cases")
    intensities = Intensities()
    for done, image_id in enumerate(labels, start=1):
        intensities.add(_pixels(volumes / "data", image_id, parameters.image_size))
        console.progress("summarised", done, len(labels))
    summary = summarise(labels, intensities, parameters)
    (volumes / "statistics/statistics.yaml").write_text(yaml.safe_dump(summary, sort_keys=False))
    console.info("statistics written")


def summarise(
    labels: dict[str, str], intensities: "Intensities", parameters: Parameters
) -> dict[str, Any]:
    """The document that others may see, of plain numbers and text."""
    counted = Counter(labels.values())
    classes = {name: counted[name] for name in parameters.classes}
    least = parameters.smallest_group
    few = f"withheld: rests on fewer than {least} cases"
    return {
        "cases": len(labels) if len(labels) >= least else few,
        "classes": few if any(0 < count < least for count in classes.values()) else classes,
        "image_size": [parameters.image_size, parameters.image_size],
        "intensity": intensities.summary(least) if len(labels) >= least else few,
        "smallest_group": least,
    }


class Intensities:
    """Sums over the pixels of all cases, kept in constant space for each pixel."""

    def __init__(self) -> None:
        self._levels = np.zeros(LEVELS + 1, dtype=np.int64)
        self._sum = self._squares = 0.0
        self._darkest: list[float] = []
        self._brightest: list[float] = []

    def add(self, pixels: NDArray[np.float32]) -> None:
        exact = pixels.astype(np.float64).ravel()
        levels = np.rint(exact * LEVELS).astype(np.int64)
        self._levels += np.bincount(levels, minlength=LEVELS + 1)
        self._sum += float(exact.sum())
        self._squares += float(exact @ exact)
        self._darkest.append(float(levels.min()) / LEVELS)
        self._brightest.append(float(levels.max()) / LEVELS)

    def summary(self, least: int) -> dict[str, Any]:
        """Mean and standard deviation over all pixels, and quantiles to a thousandth.

        A quantile is given only when at least `least` cases reach to either side of it.
        """
        pixels = int(self._levels.sum())
        mean = self._sum / pixels
        return {
            "mean": round(mean, 4),
            "std": round(max(self._squares / pixels - mean**2, 0.0) ** 0.5, 4),
            "quantiles": {f"{q:.0%}": self._quantile(q, pixels, least) for q in QUANTILES},
        }

    def _quantile(self, share: float, pixels: int, least: int) -> float | None:
        level = int(np.searchsorted(np.cumsum(self._levels), share * pixels)) / LEVELS
        below = sum(darkest <= level for darkest in self._darkest)
        above = sum(brightest >= level for brightest in self._brightest)
        return level if min(below, above) >= least else None


def _pixels(data: Path, image_id: str, size: int) -> NDArray[np.float32]:
    try:
        pixels = read_case(data, image_id)
    except (OSError, ValueError, EOFError) as error:
        raise BadInput(f"prepared data: the case {image_id!r} is unreadable") from error
    if problem := why_unusable(pixels, size):
        raise BadInput(f"prepared data: the case {image_id!r} {problem}")
    return pixels
