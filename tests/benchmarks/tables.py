"""What was measured as rows of a table, and the tables in docs/benchmarks.md made anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from tests.e2e.running import PROJECT

PAGE = PROJECT / "docs" / "benchmarks.md"


class Cells(Protocol):
    """A row of a table."""

    HEADINGS: ClassVar[tuple[str, ...]]

    def cells(self) -> tuple[str, ...]:
        """The row as text, under the headings."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside what it is measured against, what was aimed at, and MedPerf's own."""

    HEADINGS: ClassVar = ("Ours", "Floor", "Seconds: ours, floor", "Measured (least to greatest)",
                          "Aim", "Met", "MedPerf")  # fmt: skip

    ours: str
    floor: str
    seconds: str
    measured: str
    aim: str = ""
    met: bool | None = None
    medperf: str = ""

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return (self.ours, self.floor, self.seconds, self.measured, self.aim, met, self.medperf)


def write_section(name: str, facts: str, rows: Sequence[Cells]) -> None:
    """Put a section's facts and table between its markers in the page."""
    begin, end = f"<!-- {name}: measured -->", f"<!-- {name}: end -->"
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise RuntimeError(f"{PAGE.name} has no place for {name}: {begin} … {end}")
    body = f"\n{facts}\n\n{_table(rows)}\n"
    _replace(PAGE, f"{before}{begin}{body}{end}{after}")


def _table(rows: Sequence[Cells]) -> str:
    headings = rows[0].HEADINGS
    lines = [headings, tuple("---" for _ in headings), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _replace(page: Path, text: str) -> None:
    fresh = page.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(page)
