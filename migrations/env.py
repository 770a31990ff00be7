"""Runs migrations on the server's database, in one transaction on either engine."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from medperf_api.database import opened
from medperf_api.settings import Settings
from medperf_api.tables import Table


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,
        # Both engines undo a migration that fails halfway, SQLite because BEGIN is ours.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _migrate() -> None:
    url = context.config.attributes.get("database_url") or Settings().database_url
    async with opened(url, foreign_keys=False) as engine, engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()


asyncio.run(_migrate())
