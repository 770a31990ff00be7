"""Tables: Rich at a terminal; plain, unwrapped and complete anywhere else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from medperf_client.output.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

_GAP = "  "
# Room beside each heading, which also puts a space before every identifier below 10,000.
_PADDING = 2


class Tabular(Protocol):
    """A table of whatever rows."""

    def __len__(self) -> int: ...

    def records(self) -> list[object]: ...

    @property
    def headings(self) -> list[str]: ...

    @property
    def right(self) -> list[bool]: ...

    def values(self) -> list[list[object]]: ...


def plain_table(table: Tabular, *, ruled: bool = True) -> str:
    """A table as text: headings, a line of dashes where ``ruled``, one row a line."""
    texts = _texts(table)
    widths = [
        max([len(heading) + _PADDING, *(len(row[index]) for row in texts)])
        for index, heading in enumerate(table.headings)
    ]

    def line(cells: Sequence[str]) -> str:
        aligned = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, table.right, strict=True)
        )
        return _GAP.join(aligned).rstrip()

    rule = [_GAP.join("-" * width for width in widths)] if ruled else []
    return "\n".join([line(table.headings), *rule, *map(line, texts)])


def print_rich_table(console: "Console", table: Tabular) -> None:
    """The same for the eye; what somebody else wrote is never read as markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for heading, right in zip(table.headings, table.right, strict=True):
        grid.add_column(Text(heading), justify="right" if right else "left", overflow="fold")
    for row in _texts(table):
        grid.add_row(*map(Text, row))
    console.print(grid)


def _texts(table: Tabular) -> list[list[str]]:
    return [
        ["" if value is None else one_line(str(value)) for value in row] for row in table.values()
    ]
