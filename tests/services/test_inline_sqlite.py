"""Asking SQLite without a thread."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from medperf_api.database import Transactions, opened
from tests.registry.databases import url_of

_HIGHEST = text("SELECT max(number) FROM numbers")


@pytest.fixture
def url(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "numbers.db")) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
        database.execute("INSERT INTO numbers VALUES (7)")
    return url_of(tmp_path / "numbers.db")


async def threads_of_a_read(url: str, *, searching: bool) -> int:
    """How many threads a read needs beside the event loop's."""
    before = threading.active_count()
    async with opened(url) as engine:
        transactions = Transactions(engine)
        async with transactions.reading(searching=searching) as connection:
            assert await connection.scalar(text("SELECT number FROM numbers")) == 7
            needed = threading.active_count() - before
        await transactions.close()
    return needed


def test_a_lookup_needs_no_thread_and_a_search_has_one(url: str) -> None:
    assert asyncio.run(threads_of_a_read(url, searching=False)) == 0
    assert asyncio.run(threads_of_a_read(url, searching=True)) == 1


def test_a_reader_sees_one_state_while_others_write(url: str) -> None:
    async def counts() -> list[int | None]:
        count = text("SELECT count(*) FROM numbers")
        async with opened(url) as engine:
            transactions = Transactions(engine)
            async with transactions.reading() as reader:
                first = await reader.scalar(count)
                async with transactions.writing() as writer:
                    await writer.execute(text("INSERT INTO numbers VALUES (8)"))
                second = await reader.scalar(count)
            async with transactions.reading() as reader:
                third = await reader.scalar(count)
            await transactions.close()
        return [first, second, third]

    assert asyncio.run(counts()) == [1, 1, 2]


def test_what_goes_wrong_is_told_as_by_the_other_driver(url: str) -> None:
    async def ask() -> None:
        async with opened(url) as engine:
            transactions = Transactions(engine)
            try:
                async with transactions.reading() as connection:
                    await connection.execute(text("SELECT number FROM nowhere"))
            finally:
                await transactions.close()

    with pytest.raises(OperationalError, match="no such table"):
        asyncio.run(ask())


def test_who_waits_to_write_keeps_nobody_from_reading(url: str, tmp_path: Path) -> None:
    async def read_while_waiting() -> int | None:
        async with opened(url) as engine:
            transactions = Transactions(engine)
            with closing(sqlite3.connect(tmp_path / "numbers.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                waiting = asyncio.create_task(insert(transactions, 8))
                await asyncio.sleep(0)
                async with transactions.reading() as connection:
                    seen: int | None = await connection.scalar(
                        text("SELECT max(number) FROM numbers")
                    )
                assert not waiting.done()
                other.execute("ROLLBACK")
                await waiting
            await transactions.close()
        return seen

    assert asyncio.run(read_while_waiting()) == 7


def test_a_writer_who_is_cancelled_leaves_nothing_and_blocks_nobody(
    url: str, tmp_path: Path
) -> None:
    async def cancel_one() -> int | None:
        async with opened(url) as engine:
            transactions = Transactions(engine)
            with closing(sqlite3.connect(tmp_path / "numbers.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                waiting = asyncio.create_task(insert(transactions, 8))
                await asyncio.sleep(0.05)
                waiting.cancel()
                await asyncio.sleep(0)
                other.execute("ROLLBACK")
                with pytest.raises(asyncio.CancelledError):
                    await waiting
            await insert(transactions, 9)
            async with transactions.reading() as connection:
                total: int | None = await connection.scalar(text("SELECT sum(number) FROM numbers"))
            await transactions.close()
        return total

    assert asyncio.run(cancel_one()) == 7 + 9


async def insert(transactions: Transactions, number: int) -> None:
    async with transactions.writing() as connection:
        await connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})
