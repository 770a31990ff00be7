"""Column types both databases share: moments in UTC, JSON documents, states by value."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import JSON, TIMESTAMP, Dialect, Enum, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from medperf_api.contract.base import utc_text

# Length of the text of a moment, such as 2026-01-31T12:00:00.000000Z.
MOMENT_LENGTH = 27


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC.

    SQLite has no such type: there it is the very text of the wire, which sorts as time does.
    """

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A timestamp with time zone, or text where there is none."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(MOMENT_LENGTH))
        return dialect.type_descriptor(TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Store ``value``, which must be aware: a naive time has no meaning here."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return utc_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back an aware time."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class JsonDocument(TypeDecorator[Any]):
    """Any JSON value.

    PostgreSQL keeps it parsed. SQLite keeps its text, in a column of type TEXT: one of type JSON
    would take a document that is only a number for a number, and round it.
    """

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The binary form, or text where there is none."""
        kind = Text() if dialect.name == "sqlite" else JSONB()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """As text for SQLite; PostgreSQL's own type writes it."""
        return orjson.dumps(value).decode() if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value; both engines hand over its text."""
        return None if value is None else orjson.loads(value)


def by_value(states: type[StrEnum], name: str) -> Any:
    """A column type that stores a state's value, and whose check is called ``name``."""
    return Enum(
        states,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=max(len(state) for state in states),
        values_callable=lambda kind: [state.value for state in kind],
    )
