"""A driver that reads SQLite where it is asked, without a thread: ``sqlite+inline://``.

A lookup by key takes SQLite some microseconds; handing it to a thread and back takes a hundred
times that. Only for reading: in WAL mode a reader never waits, but a writer may, and a commit does.
"""

import sqlite3
from typing import Any

from sqlalchemy import URL, AsyncAdaptedQueuePool, Pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util.concurrency import await_only

DRIVER = "sqlite+inline"


async def _nothing() -> None:
    pass


class _Cursor(sqlite3.Cursor):
    """What SQLAlchemy's asyncio side expects of a cursor."""

    def execute(self, statement: str, values: Any = (), /) -> "_Cursor":
        # SQLAlchemy refuses a driver that never awaits, lest it block by mistake.
        await_only(_nothing())
        super().execute(statement, values)
        return self

    async def _async_soft_close(self) -> None:
        pass


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class InlineDialect(SQLiteDialect_pysqlite):
    """SQLite read in the event loop's own thread."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """One that waits without blocking."""
        return AsyncAdaptedQueuePool

    def create_connect_args(self, url: URL) -> Any:
        """Connections whose transactions are ours, used by one thread."""
        arguments, options = super().create_connect_args(url)
        return arguments, {**options, "factory": _Connection, "isolation_level": None}

    def get_driver_connection(self, connection: Any) -> Any:
        """The connection itself."""
        return connection


registry.register("sqlite.inline", __name__, InlineDialect.__name__)
