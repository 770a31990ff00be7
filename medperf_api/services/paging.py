"""One page of a list and the exact number of all its rows, in one query where that is possible.

No page and no number costs more in a long list than in a short one: numbers are tallied when rows
come and go, and a page near the end is read from the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement, Select
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import asc_op, desc_op

from medperf_api.errors import Faults
from medperf_api.services.listing import Listing, equalities, note_bad_ordering, order_of
from medperf_api.services.shapes import Shape, WireRow, stored
from medperf_api.tables import Tally
from medperf_api.tables.tally import EVERY, TALLIED, tally_name

# Rows that may be skipped without looking first whether the end is nearer.
NEAR = 1_000

Order = tuple[ColumnElement[Any], ...]

_tallies = stored(Tally)


@dataclass(frozen=True, slots=True)
class PageOfRows:
    """Some of the rows, and how many there are."""

    count: int
    rows: list[WireRow]
    listing: Listing


async def page(
    connection: AsyncConnection,
    shape: Shape,
    listing: Listing,
    *where: ColumnElement[bool],
    only: Mapping[str, int] | None = None,
    order: Order = (),
) -> PageOfRows:
    """One page of the rows that meet the conditions and the filters.

    ``only`` names columns and the value that they must have.
    """
    faults = Faults()
    note_bad_ordering(shape, listing, faults)
    wanted = [(shape.table.c[name], value) for name, value in (only or {}).items()]
    pairs = [*wanted, *equalities(shape, listing, faults)]
    faults.refuse()
    columns = tuple(column for column, _ in pairs)
    # What has conditions of its own is built anew: they may hold values.
    make = _make_queries if where else _queries
    queries = make(shape, columns, listing.ordering, order, where)
    values = {_value(number): value for number, (_, value) in enumerate(pairs)}
    count, rows = await _read(connection, queries, values, listing)
    return PageOfRows(count, [shape.write(row[:-1]) for row in rows], listing)


@dataclass(frozen=True, slots=True)
class _Queries:
    """Of one list: its number of rows, and its pages from either end, with that number."""

    count: Select[Any]
    forwards: Select[Any]
    backwards: Select[Any]


def _make_queries(
    shape: Shape,
    columns: tuple[ColumnElement[Any], ...],
    ordering: str,
    order: Order,
    where: tuple[ColumnElement[bool], ...],
) -> _Queries:
    equal = [column == bindparam(_value(number)) for number, column in enumerate(columns)]
    count = _tally(shape, columns) if not where else None
    if count is None:
        count = select(func.count()).select_from(shape.table).where(*where, *equal)
    chosen = order_of(shape, ordering) if ordering or not order else order
    rows = (
        select(*shape.columns, count.scalar_subquery())
        .where(*where, *equal)
        .limit(bindparam("take"))
        .offset(bindparam("skip"))
    )
    return _Queries(
        count, rows.order_by(*chosen), rows.order_by(*(_turned(part) for part in chosen))
    )


_queries = lru_cache(maxsize=512)(_make_queries)


def _value(number: int) -> str:
    return f"value_{number}"


def _tally(shape: Shape, columns: tuple[ColumnElement[Any], ...]) -> Select[Any] | None:
    """The tally of the rows, where one is kept."""
    table = shape.table.name
    names = tuple(column.name for column in columns)
    if table not in TALLIED or len(names) > 1 or not set(names) <= set(TALLIED[table]):
        return None
    total = cast(func.coalesce(func.sum(_tallies.c.total), 0), BigInteger)
    return select(total).where(
        _tallies.c.name == tally_name(table, *names),
        _tallies.c.value == (bindparam(_value(0)) if names else EVERY),
    )


def _turned(part: ColumnElement[Any]) -> ColumnElement[Any]:
    """The opposite order."""
    if isinstance(part, UnaryExpression) and part.modifier is desc_op:
        return part.element.asc()
    if isinstance(part, UnaryExpression) and part.modifier is asc_op:
        return part.element.desc()
    return part.desc()


async def _read(
    connection: AsyncConnection, queries: _Queries, values: Mapping[str, Any], listing: Listing
) -> tuple[int, list[Any]]:
    """The number of rows, and those of the page."""
    take, skip = listing.limit, listing.offset
    if skip <= NEAR:
        rows = await _rows(connection, queries.forwards, values, take, skip)
        if rows or not skip:
            return (rows[0][-1] if rows else 0), rows
    count: int = (await connection.execute(queries.count, values)).scalar_one()
    left = count - skip
    if left <= 0:
        return count, []
    if skip <= left - take:
        return count, await _rows(connection, queries.forwards, values, take, skip)
    take = min(take, left)
    rows = await _rows(connection, queries.backwards, values, take, left - take)
    return count, rows[::-1]


async def _rows(
    connection: AsyncConnection, query: Select[Any], values: Mapping[str, Any], take: int, skip: int
) -> list[Any]:
    found = await connection.execute(query, {**values, "take": take, "skip": skip})
    return list(found.all())
