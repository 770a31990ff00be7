"""Whether the database has the tables this version needs, and how it gets them."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

import medperf_api
from medperf_api.errors import Unavailable


class SchemaBehind(Exception):
    """The database is not at the version that this server needs."""


def migrations_folder() -> Path:
    """Where migrations lie: inside an installed package, beside it in a checkout."""
    package = Path(medperf_api.__file__).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def _config(database_url: str) -> Config:
    config = Config(attributes={"database_url": database_url})
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database to ``revision``. Not to be called where an event loop runs."""
    command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take the database back to ``revision``; ``base`` is an empty one."""
    command.downgrade(_config(database_url), revision)


def check(database_url: str) -> None:
    """Raises: alembic's CommandError, when tables and migrations tell different stories."""
    command.check(_config(database_url))


async def refuse_unless_current(engine: AsyncEngine) -> None:
    """Raises: SchemaBehind, with the sentence an operator needs."""
    wanted = _newest(migrations_folder())
    async with engine.connect() as connection:
        found = await connection.run_sync(_version)
    if found != wanted:
        raise SchemaBehind(
            f"The database is at version {found or 'none'}, and this server needs {wanted}. "
            "Run: medperf-server migrate"
        )


async def refuse_unless_ready(engine: AsyncEngine) -> None:
    """Raises: Unavailable, unless the database answers and has the tables this version needs."""
    try:
        await refuse_unless_current(engine)
    except (SchemaBehind, SQLAlchemyError, OSError) as error:
        raise Unavailable("The database is not ready.") from error


@cache
def _newest(folder: Path) -> str | None:
    return ScriptDirectory(str(folder)).get_current_head()


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
