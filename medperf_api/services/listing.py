"""What a list can be asked: filters, orders, how many at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.sql import ColumnElement

from medperf_api.contract.audit import AuditAction, AuditedType
from medperf_api.contract.base import Flag, Id, Name
from medperf_api.contract.states import Approval, State
from medperf_api.errors import Faults
from medperf_api.services.shapes import Shape
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


def equalities(
    shape: Shape, listing: Listing, faults: Faults
) -> Iterator[tuple[ColumnElement[Any], Any]]:
    """The columns that the filters look at, each with the value that it must have."""
    columns = filter_columns(shape)
    for name, value in listing.filters.items():
        if name in columns and value:
            try:
                yield columns[name], FILTERS[name].validate_python(value)
            except ValidationError as error:
                for fault in faults_of(error):
                    faults.add(fault.message, name)


def note_bad_ordering(shape: Shape, listing: Listing, faults: Faults) -> None:
    """Note a fault where the list cannot have this order."""
    if listing.ordering and listing.ordering not in orderings(shape):
        faults.add(f"Not a valid order. Choose {', '.join(orderings(shape))}.", "ordering")


def order_of(shape: Shape, ordering: str) -> tuple[ColumnElement[Any], ...]:
    """The order of this name; without one, that of the last change."""
    columns, name = shape.table.c, ordering.removeprefix("-") or "modified_at"
    if ordering.startswith("-"):
        return columns[name].desc(), columns.id.desc()
    return columns[name].asc(), columns.id.asc()
