"""A database for tests: migrated once, then emptied, so that each test begins alike."""

import shutil
from pathlib import Path
from typing import Protocol

from medperf_api import schema_version


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
