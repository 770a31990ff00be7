"""Two things timed by turns, so that whatever else the machine does falls on both alike."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

# Does something once and returns how long that took, in seconds.
Timed = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, with the least and the greatest of what it stands for."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: list[float]) -> Self:
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Seconds of ours and of the floor beneath it; equal positions were taken in turn."""

    ours: list[float]
    floor: list[float]

    @property
    def ours_s(self) -> float:
        """Our median."""
        return statistics.median(self.ours)

    @property
    def floor_s(self) -> float:
        """The floor's median."""
        return statistics.median(self.floor)

    @property
    def ratio(self) -> Spread:
        """The ratio of the medians, between the least and the greatest ratio of a pair."""
        ratios = [ours / floor for ours, floor in zip(self.ours, self.floor, strict=True)]
        return Spread(self.ours_s / self.floor_s, min(ratios), max(ratios))

    @property
    def excess_s(self) -> Spread:
        """How much longer ours took, pair by pair."""
        return Spread.of([ours - floor for ours, floor in zip(self.ours, self.floor, strict=True)])


def by_turns(ours: Timed, floor: Timed, rounds: int, *, warm_up: int = 1) -> Pairs:
    """Time ours, the floor, ours, the floor …; the first ``warm_up`` rounds are not kept."""
    pairs = Pairs([], [])
    for number in range(warm_up + rounds):
        took_ours, took_floor = ours(), floor()
        if number >= warm_up:
            pairs.ours.append(took_ours)
            pairs.floor.append(took_floor)
    return pairs
