"""What a table shows: rows, and how each column reads them. Loads nothing, for --help's sake."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
Seen = TypeVar("Seen", contravariant=True)  # a column of any row is a column of this one


@dataclass(frozen=True, slots=True)
class Column(Generic[Seen]):
    """What a row holds under a heading; None is shown as nothing."""

    heading: str
    value: Callable[[Seen], object]
    right: bool = False  # aligned to the right, as numbers and identifiers are


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """Rows and their columns."""

    rows: Sequence[Row]
    columns: Sequence[Column[Row]]

    def __len__(self) -> int:
        return len(self.rows)

    def records(self) -> list[object]:
        """The rows as they are."""
        return list(self.rows)

    @property
    def headings(self) -> list[str]:
        """The columns' headings."""
        return [column.heading for column in self.columns]

    @property
    def right(self) -> list[bool]:
        """Which columns are aligned to the right."""
        return [column.right for column in self.columns]

    def values(self) -> list[list[object]]:
        """What each row holds, column by column."""
        return [[column.value(row) for column in self.columns] for row in self.rows]
