"""Lists: which rows, in which order, how many at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement, Select

from medperf_api.contract.audit import AuditAction, AuditedType
from medperf_api.contract.base import Flag, Id, Name
from medperf_api.contract.states import Approval, State
from medperf_api.errors import Faults
from medperf_api.services.shapes import Shape, WireRow
from medperf_api.services.wording import faults_of

FILTERS: Mapping[str, TypeAdapter[Any]] = {
    "is_valid": TypeAdapter(Flag),
    "is_active": TypeAdapter(Flag),
    "owner": TypeAdapter(Id),
    "state": TypeAdapter(State),
    "name": TypeAdapter(Name),
    "approval_status": TypeAdapter(Approval),
    "benchmark": TypeAdapter(Id),
    "dataset": TypeAdapter(Id),
    "model": TypeAdapter(Id),
    "model_mlcube": TypeAdapter(Id),
    "data_preparation_mlcube": TypeAdapter(Id),
    "mlcube": TypeAdapter(Id),
    "actor": TypeAdapter(Id),
    "action": TypeAdapter(AuditAction),
    "object_type": TypeAdapter(AuditedType),
    "object_id": TypeAdapter(Id),
    "field": TypeAdapter(Name),
    "request_id": TypeAdapter(Name),
}

# A model is called so by results, and after the cube it is by associations.
_OTHER_NAMES = {"model": "model_mlcube"}

ORDERINGS = ("name", "created_at", "modified_at")


@dataclass(frozen=True, slots=True)
class Listing:
    """What somebody asked of a list. An empty text asks for nothing."""

    limit: int = 32
    offset: int = 0
    ordering: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def searches(self) -> bool:
        """Whether every row may have to be looked at, because no index may lead to these."""
        return bool(self.ordering or self.filters)


@dataclass(frozen=True, slots=True)
class PageOfRows:
    """Some of the rows, and how many there are."""

    count: int
    rows: list[WireRow]
    listing: Listing


def filter_columns(shape: Shape) -> dict[str, ColumnElement[Any]]:
    """The filters a list of this shape has, with the column each looks at."""
    columns = shape.table.c
    named = {name: _OTHER_NAMES.get(name, name) for name in FILTERS}
    return {
        name: columns[name if name in columns else other]
        for name, other in named.items()
        if name in columns or other in columns
    }


def orderings(shape: Shape) -> tuple[str, ...]:
    """The orders a list of this shape can have."""
    names = [name for name in ORDERINGS if name in shape.table.c]
    return (*names, *(f"-{name}" for name in names))


async def page(
    connection: AsyncConnection,
    shape: Shape,
    listing: Listing,
    *where: ColumnElement[bool],
    order: tuple[ColumnElement[Any], ...] = (),
) -> PageOfRows:
    """One page of the rows that meet the conditions and the filters."""
    faults = Faults()
    conditions = (*where, *_filtered(shape, listing, faults))
    chosen = _ordered(shape, listing, faults) or order or _usual_order(shape)
    faults.refuse()
    count = await _count(connection, shape, conditions)
    query = shape.query(*conditions).order_by(*chosen)
    rows = await _rows(connection, shape, query, listing) if listing.offset < count else []
    return PageOfRows(count, rows, listing)


async def _count(
    connection: AsyncConnection, shape: Shape, conditions: tuple[ColumnElement[bool], ...]
) -> int:
    query = select(func.count()).select_from(shape.table).where(*conditions)
    return (await connection.execute(query)).scalar_one()


async def _rows(
    connection: AsyncConnection, shape: Shape, query: Select[Any], listing: Listing
) -> list[WireRow]:
    wanted = query.limit(listing.limit).offset(listing.offset)
    return [shape.write(row) for row in (await connection.execute(wanted)).all()]


def _filtered(shape: Shape, listing: Listing, faults: Faults) -> Iterator[ColumnElement[bool]]:
    columns = filter_columns(shape)
    for name, value in listing.filters.items():
        if name in columns and value:
            try:
                yield columns[name] == FILTERS[name].validate_python(value)
            except ValidationError as error:
                for fault in faults_of(error):
                    faults.add(fault.message, name)


def _ordered(shape: Shape, listing: Listing, faults: Faults) -> tuple[ColumnElement[Any], ...]:
    if not listing.ordering:
        return ()
    if listing.ordering not in orderings(shape):
        faults.add(f"Not a valid order. Choose {', '.join(orderings(shape))}.", "ordering")
        return ()
    columns, name = shape.table.c, listing.ordering.removeprefix("-")
    if listing.ordering.startswith("-"):
        return columns[name].desc(), columns.id.desc()
    return columns[name].asc(), columns.id.asc()


def _usual_order(shape: Shape) -> tuple[ColumnElement[Any], ...]:
    return shape.table.c.modified_at.asc(), shape.table.c.id.asc()
