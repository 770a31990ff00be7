"""A database for tests: migrated once, then emptied, so that each test begins alike."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import asyncpg
from sqlalchemy.engine import make_url

from medperf_api import schema_version

# Somebody who is still connected would make the next test wait for ever.
LOCK_TIMEOUT = "10s"

# The audit table's guard is lifted by its owner, so no superuser is needed.
EMPTY = """
ALTER TABLE audit DISABLE TRIGGER USER;
TRUNCATE {tables} RESTART IDENTITY;
ALTER TABLE audit ENABLE TRIGGER USER
"""


T = TypeVar("T")


class Database(Protocol):
    """One database, at the newest version."""

    url: str

    def empty(self) -> None:
        """Take everything out of it, while nobody is connected."""


class SqliteDatabase:
    """A file that is replaced by a migrated one."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        self._path = folder / "registry.db"
        self.url = url_of(self._path)
        schema_version.upgrade(url_of(self._template))

    def empty(self) -> None:
        """Begin with a new file."""
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        shutil.copy(self._template, self._path)


def url_of(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


class PostgresDatabase:
    """A database of one run's own, whose tables are truncated."""

    def __init__(self, url: str) -> None:
        self.url = url
        schema_version.upgrade(url)
        found = query(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {row["tablename"] for row in found} - {"alembic_version"}
        self._emptying = EMPTY.format(tables=", ".join(tables))

    def empty(self) -> None:
        """Truncate every table, and count from one again."""
        execute(self.url, self._emptying)


@contextmanager
def new_postgres_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database on the server, which is dropped at the end."""
    name = f"medperf_test_{uuid4().hex[:12]}"
    # Names sort alike whatever the server's own language.
    execute(server_url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    try:
        mine = make_url(server_url).set(drivername="postgresql+asyncpg", database=name)
        yield mine.render_as_string(hide_password=False)
    finally:
        execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def query(url: str, statement: str) -> list[asyncpg.Record]:
    """The rows that a PostgreSQL database answers with."""
    return _connected(url, lambda connection: connection.fetch(statement))


def execute(url: str, statements: str) -> None:
    """Have a PostgreSQL database carry out statements, all or none."""
    _connected(url, lambda connection: connection.execute(statements))


def _connected(url: str, work: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]) -> T:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    async def run() -> T:
        settings = {"lock_timeout": LOCK_TIMEOUT}
        connection = await asyncpg.connect(plain, server_settings=settings)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())
