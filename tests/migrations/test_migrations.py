"""Migrations make the tables that the server describes, and take them away again."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from medperf_api import schema_version
from medperf_api.database import make_engine
from medperf_api.schema_version import SchemaBehind, refuse_unless_current
from tests.registry.databases import Database, url_of


async def _is_current(url: str) -> None:
    engine = make_engine(url)
    try:
        await refuse_unless_current(engine)
    finally:
        await engine.dispose()


def test_migrations_and_tables_tell_the_same_story_after_up_down_up(database: Database) -> None:
    database.empty()
    schema_version.downgrade(database.url, "base")
    schema_version.upgrade(database.url)

    schema_version.check(database.url)
    asyncio.run(_is_current(database.url))


def test_down_leaves_no_table_behind(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    schema_version.upgrade(url_of(path))
    schema_version.downgrade(url_of(path), "base")

    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = {name for (name,) in tables}
    connection.close()
    assert names - {"sqlite_sequence"} == {"alembic_version"}


def test_a_database_behind_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    with pytest.raises(SchemaBehind, match="medperf-server migrate"):
        asyncio.run(_is_current(url_of(tmp_path / "empty.db")))


def test_migrating_twice_changes_nothing(database: Database) -> None:
    database.empty()
    schema_version.upgrade(database.url)

    asyncio.run(_is_current(database.url))


def test_the_server_asks_for_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema_version.migrations_folder()))

    assert ScriptDirectory.from_config(config).get_current_head() == schema_version.NEWEST
