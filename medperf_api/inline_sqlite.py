"""A driver that asks SQLite where it is needed, without a thread: ``sqlite+inline://``.

A lookup by key takes SQLite some microseconds; handing it to a thread and back takes a hundred
times that. What may wait has a thread: for another writer to end, and for the disk at a commit.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import URL, AsyncAdaptedQueuePool, Pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util.concurrency import await_only

DRIVER = "sqlite+inline"


# How a writer begins, once no other writes.
BEGIN_WRITING = "BEGIN IMMEDIATE"


async def _nothing() -> None:
    pass


async def _in_thread(call: Callable[[], object]) -> None:
    """Run ``call`` in a thread, to its end also when nobody waits for it any more.

    Else a connection could begin to write after it went back to the pool.
    """
    running = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


class _Cursor(sqlite3.Cursor):
    """What SQLAlchemy's asyncio side expects of a cursor."""

    def execute(self, statement: str, values: Any = (), /) -> "_Cursor":
        if statement == BEGIN_WRITING:
            await_only(_in_thread(partial(super().execute, statement)))
        else:
            # SQLAlchemy refuses a driver that never awaits, lest it block by mistake.
            await_only(_nothing())
            super().execute(statement, values)
        return self

    def executemany(self, statement: str, values: Any, /) -> "_Cursor":
        await_only(_nothing())
        super().executemany(statement, values)
        return self

    async def _async_soft_close(self) -> None:
        pass


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def commit(self) -> None:
        if self.in_transaction:
            await_only(_in_thread(super().commit))


class InlineDialect(SQLiteDialect_pysqlite):
    """SQLite asked in the event loop's own thread."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """One that waits without blocking."""
        return AsyncAdaptedQueuePool

    def create_connect_args(self, url: URL) -> Any:
        """Connections whose transactions are ours, used by one thread at a time."""
        arguments, options = super().create_connect_args(url)
        ours = {"factory": _Connection, "isolation_level": None, "check_same_thread": False}
        return arguments, {**options, **ours}

    def get_driver_connection(self, connection: Any) -> Any:
        """The connection itself."""
        return connection


registry.register("sqlite.inline", __name__, InlineDialect.__name__)
