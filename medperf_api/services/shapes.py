"""Which columns go onto the wire, and how: the one place where rows become JSON.

Columns are read in the form the wire has, so that nothing is parsed only to be written again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import Column, Dialect, Row, String, Table, bindparam
from sqlalchemy.sql import ColumnElement, Select, select, type_coerce
from sqlalchemy.types import Enum, UserDefinedType

from medperf_api.contract.base import Wire, utc_text
from medperf_api.domain.versions import tag_of
from medperf_api.tables import Stored
from medperf_api.tables.columns import JsonDocument, Moment

# An object as it goes onto the wire: names and values that orjson writes as they are.
WireRow = dict[str, object]


@dataclass(frozen=True, slots=True)
class WireObject:
    """One object as it goes onto the wire, and the word for its version."""

    fields: WireRow
    tag: str


# Neither is a String, which asyncpg's dialect would exchange for its own.


class _MomentText(UserDefinedType[str]):
    """A moment as the wire's text, which SQLite stores already."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return None if dialect.name == "sqlite" else _in_utc


class _JsonText(UserDefinedType[Any]):
    """A JSON document as the bytes that are stored."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _as_it_is


def _in_utc(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)


def _as_it_is(document: str | None) -> orjson.Fragment | None:
    return None if document is None else orjson.Fragment(document)


def _as_written(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Moment):
        return type_coerce(column, _MomentText).label(column.name)
    if isinstance(column.type, JsonDocument):
        return type_coerce(column, _JsonText).label(column.name)
    if isinstance(column.type, Enum):
        return type_coerce(column, String).label(column.name)
    return column


def stored(table: type[Stored]) -> Table:
    """The table behind a class, for statements that name columns."""
    return table.metadata.tables[str(table.__tablename__)]


class Shape:
    """A wire model's fields as columns of one table, in the model's order."""

    def __init__(self, table: type[Stored], model: type[Wire]) -> None:
        self.table = stored(table)
        self.names = tuple(model.model_fields)
        self.columns = tuple(_as_written(self.table.c[name]) for name in self.names)

    def write(self, row: Row[Any] | Sequence[object]) -> WireRow:
        """A row of the :attr:`columns` as it goes onto the wire."""
        return dict(zip(self.names, row, strict=True))

    @cached_property
    def by_number(self) -> Select[Any]:
        """The query for one row's tagged columns, made once because it is asked most."""
        return select(*self.tagged_columns).where(self.table.c.id == bindparam("number"))

    @cached_property
    def tagged_columns(self) -> tuple[ColumnElement[Any], ...]:
        """The columns, and after them what the version is made of."""
        return *self.columns, self.table.c.id.label("tag_id"), self.table.c.version

    def write_tagged(self, row: Sequence[Any]) -> WireObject:
        """A row of the :attr:`tagged_columns` as it goes onto the wire."""
        *values, number, version = row
        return WireObject(self.write(values), tag_of({"id": number, "version": version}))
