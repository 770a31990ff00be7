"""Whether the database has the tables this version needs, and how it gets them.

Alembic is loaded by what migrates alone: a worker that serves has no use for its 10 MiB.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

import medperf_api
from medperf_api.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

# The revision of the newest migration, which a test compares.
NEWEST = "0005"

_VERSION_TABLE = "alembic_version"


class SchemaBehind(Exception):
    """The database is not at the version that this server needs."""


def migrations_folder() -> Path:
    """Where migrations lie: inside an installed package, beside it in a checkout."""
    package = Path(medperf_api.__file__).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def _config(database_url: str) -> "Config":
    from alembic.config import Config

    config = Config(attributes={"database_url": database_url})
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database to ``revision``. Not to be called where an event loop runs."""
    from alembic import command

    command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take the database back to ``revision``; ``base`` is an empty one."""
    from alembic import command

    command.downgrade(_config(database_url), revision)


def check(database_url: str) -> None:
    """Raises: alembic's CommandError, when tables and migrations tell different stories."""
    from alembic import command

    command.check(_config(database_url))


async def refuse_unless_current(engine: AsyncEngine) -> None:
    """Raises: SchemaBehind, with the sentence an operator needs."""
    # Without waiting for a writer: a busy server is ready.
    async with engine.execution_options(writes=False).connect() as connection:
        found = await connection.run_sync(_version)
    if found != NEWEST:
        raise SchemaBehind(
            f"The database is at version {found or 'none'}, and this server needs {NEWEST}. "
            "Run: medperf-server migrate"
        )


async def refuse_unless_ready(engine: AsyncEngine) -> None:
    """Raises: Unavailable, unless the database answers and has the tables this version needs."""
    try:
        await refuse_unless_current(engine)
    except (SchemaBehind, SQLAlchemyError, OSError) as error:
        raise Unavailable("The database is not ready.") from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    version: str | None = connection.scalar(
        select(column("version_num")).select_from(table(_VERSION_TABLE))
    )
    return version
