"""How many rows each list has, counted when rows come and go, so that nobody has to count them.

Triggers of the database keep the numbers (migration 0005): whatever writes a row, its tallies
change in the same transaction.
"""

from collections.abc import Mapping

from sqlalchemy import BigInteger
from sqlmodel import Field

from medperf_api.contract.base import NAME_LENGTH
from medperf_api.tables.base import Stored

# The tables whose rows are counted, all together and for each value of these columns.
TALLIED: Mapping[str, tuple[str, ...]] = {
    "users": (),
    "cubes": ("owner",),
    "datasets": ("owner", "data_preparation_mlcube"),
    "benchmarks": ("owner",),
    "results": ("owner", "benchmark", "model", "dataset"),
    "audit": (),
}

# The value of a tally of all rows.
EVERY = 0


def tally_name(table: str, column: str = "") -> str:
    """What the tally of a table, or of a column of it, is called."""
    return f"{table}.{column}" if column else table


class Tally(Stored, table=True):
    """A part of a number of rows: the parts of all slots together are the number.

    On PostgreSQL each connection writes to a slot of its own, so that writers seldom wait for
    each other. SQLite has one writer at a time, and one slot.
    """

    __tablename__ = "tallies"

    name: str = Field(max_length=NAME_LENGTH, primary_key=True)
    value: int = Field(primary_key=True)
    slot: int = Field(primary_key=True)
    total: int = Field(sa_type=BigInteger)
