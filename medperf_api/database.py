"""Engines and transactions: one a request, committed before the reply is sent.

SQLite's driver would begin transactions late and commit savepoints early, so it is switched off
and BEGIN is ours: at once for writers, who queue instead of failing halfway, deferred for readers.
PostgreSQL's readers need none: each of its statements sees one state of the database anyhow.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import orjson
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from medperf_api import inline_sqlite
from medperf_api.contract.errors import ErrorCode
from medperf_api.errors import Fault, Invalid, Refusal, Unavailable

# What a request's queries run in, for those who pass it on and query nothing.
Transaction = AsyncConnection

BUSY_TIMEOUT_MS = 5_000

_UNIQUE_VIOLATION = "23505"
_FOREIGN_KEY_VIOLATION = "23503"

_BUSY = Unavailable.default
_FULL = (
    "The server has no room left for its data. Nothing was changed; its operator must make room, "
    "then try again."
)
_READ_ONLY = (
    "The server's data can only be read at the moment. Nothing was changed; try again later, or "
    "tell its operator."
)
_OUT_OF_REACH = "The server does not reach its database. Nothing was changed; try again later."
# Who is cut off while a commit is under way cannot know how it ended.
_CUT_OFF = (
    "The server lost its database in the middle of this. Look whether it was done, or repeat it "
    "with the same Idempotency-Key: nothing is done twice."
)

_SAID_BY_SQLITE = {
    "database is locked": _BUSY,
    "database or disk is full": _FULL,
    "attempt to write a readonly database": _READ_ONLY,
    "unable to open database file": _OUT_OF_REACH,
}
_SAID_BY_POSTGRESQL = {
    "40001": _BUSY,  # serialization failure
    "40P01": _BUSY,  # deadlock
    "53100": _FULL,  # disk full
    "25006": _READ_ONLY,  # a standby, or set so by its operator
    "57P01": _CUT_OFF,  # shut down by its operator
    "57P02": _CUT_OFF,  # shut down after a crash
    "57P03": _OUT_OF_REACH,  # starting or stopping
}


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def make_engine(url: str | URL, *, foreign_keys: bool = True) -> AsyncEngine:
    """An engine for ``url``; migrations rebuild tables with ``foreign_keys`` off.

    Parameters are hidden in its errors: they would put patients' statistics into logs.
    """
    engine = create_async_engine(
        url,
        hide_parameters=True,
        json_serializer=_to_json,
        # As text: replies take it as it is, and tables parse it when they are asked to.
        json_deserializer=str,
    )
    if make_url(url).get_backend_name() == "sqlite":
        _take_over_transactions(engine, foreign_keys)
    return engine


@asynccontextmanager
async def opened(url: str, *, foreign_keys: bool = True) -> AsyncIterator[AsyncEngine]:
    """An engine that is closed again whatever happens, for commands that end."""
    engine = make_engine(url, foreign_keys=foreign_keys)
    try:
        yield engine
    finally:
        await engine.dispose()


def _take_over_transactions(engine: AsyncEngine, foreign_keys: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # A 201 must survive a power cut.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql(inline_sqlite.BEGIN_WRITING if writes else "BEGIN")


class Transactions:
    """Opens transactions on one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._searchers = _reading_engine(engine)
        self._engine = _inline(engine) or engine
        self._readers = _reading_engine(self._engine)
        # SQLite has one writer at a time. Waiting here is fair; its own waiting is not.
        self._turn: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    @asynccontextmanager
    async def reading(self, *, searching: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database and changes nothing.

        ``searching`` may look at every row of a table; without it only what an index leads to is
        read, and nobody else waits for that on SQLite, where it is done at once.
        """
        readers = self._searchers if searching else self._readers
        with _translated() as translated:
            async with readers.connect() as connection:
                translated.is_open = True
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed on the way out, or undone by any exception."""
        with _translated() as translated:
            async with self._turn, self._engine.begin() as connection:
                translated.is_open = True
                yield connection

    async def ping(self) -> None:
        """Raises: Unavailable, unless the database answers."""
        try:
            async with self.reading() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            raise Unavailable("The database does not answer.") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        await self._searchers.dispose()


def _reading_engine(engine: AsyncEngine) -> AsyncEngine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(writes=False)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _inline(engine: AsyncEngine) -> AsyncEngine | None:
    """An engine that asks the same file without a thread, where the database is a file."""
    if engine.dialect.name != "sqlite":
        return None
    return make_engine(engine.url.set(drivername=inline_sqlite.DRIVER))


class _translated:
    """Turns what the database refuses into a refusal of ours."""

    is_open = False

    def __enter__(self) -> "_translated":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DBAPIError) and (refusal := refusal_of(error)):
            raise refusal from error
        if isinstance(error, OSError) and not self.is_open:
            raise Unavailable(_OUT_OF_REACH) from error


def refusal_of(error: DBAPIError) -> Refusal | None:
    """What a database error means to the caller; nothing when it is a fault of ours.

    Uniqueness is looked at before writing, so here somebody else was faster.
    """
    said = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, IntegrityError):
        if state == _UNIQUE_VIOLATION or "UNIQUE constraint failed" in said:
            return Invalid(
                Fault(
                    "Somebody else just registered the same. Look at what there is now.",
                    code=ErrorCode.NOT_UNIQUE,
                )
            )
        if state == _FOREIGN_KEY_VIOLATION or "FOREIGN KEY constraint failed" in said:
            return Invalid(
                Fault("An object that this refers to no longer exists. Nothing was changed.")
            )
    return _unavailable(error, said, state)


def _unavailable(error: DBAPIError, said: str, state: str | None) -> Unavailable | None:
    if state in _SAID_BY_POSTGRESQL:
        return Unavailable(_SAID_BY_POSTGRESQL[state])
    if error.connection_invalidated:
        return Unavailable(_CUT_OFF)
    if isinstance(error, OperationalError):
        for words, meaning in _SAID_BY_SQLITE.items():
            if words in said:
                return Unavailable(meaning)
    return None
