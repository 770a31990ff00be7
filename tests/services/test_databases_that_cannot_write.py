"""A database that is full, read-only or gone: the caller is told, and nothing is half done."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from sqlalchemy import Engine, event

from medperf_api.database import Transactions, make_engine
from medperf_api.errors import Unavailable
from tests.registry.bodies import cube_body
from tests.registry.databases import Database
from tests.registry.fixtures import SetUp
from tests.registry.world import World

MANY = 500

Limited = Callable[[str], World]


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def limited(set_up: SetUp) -> Iterator[Limited]:
    """A registry each of whose connections begins with a statement."""
    statements: list[str] = []

    def limit(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()

    def make(statement: str) -> World:
        statements.append(statement)
        return set_up()

    event.listen(Engine, "connect", limit)
    yield make
    event.remove(Engine, "connect", limit)


@on_sqlite
def test_a_full_database_is_told_and_keeps_exactly_what_it_accepted(
    world: World, limited: Limited
) -> None:
    world.person("owner").read("me/")
    # No page more than there are.
    owner = limited("PRAGMA max_page_count=1").person("owner")
    kept = []
    for _ in range(MANY):
        answer = owner.post("mlcubes/", cube_body())
        if answer.status_code != 201:
            break
        kept.append(answer.json()["id"])

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "no room left" in answer.json()["detail"]
    assert "Nothing was changed" in answer.json()["detail"]
    assert owner.read("mlcubes/")["count"] == len(kept)
    # Once there is room, the same works.
    assert world.person("owner").post("mlcubes/", cube_body()).status_code == 201


@on_sqlite
def test_a_database_that_is_read_only_is_read_and_refuses_to_write(
    world: World, limited: Limited
) -> None:
    world.person("owner").make("mlcubes/", cube_body())
    owner = limited("PRAGMA query_only=ON").person("owner")

    answer = owner.post("mlcubes/", cube_body())

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "can only be read" in answer.json()["detail"]
    assert owner.read("mlcubes/")["count"] == 1


def test_a_server_whose_database_is_being_written_is_ready(
    world: World, portal: BlockingPortal
) -> None:
    async def ready() -> int:
        async with world.app.state.transactions.writing():
            return (await world.client.get("/ready")).status_code

    assert portal.call(ready) == 200


@pytest.mark.parametrize(
    "url",
    ["sqlite+aiosqlite:////nowhere/medperf.db", "postgresql+asyncpg://nobody@127.0.0.1:1/none"],
)
def test_a_database_out_of_reach_is_told(portal: BlockingPortal, url: str) -> None:
    async def write() -> None:
        transactions = Transactions(make_engine(url))
        async with transactions.writing():
            raise AssertionError("opened")

    with pytest.raises(Unavailable, match=r"does not reach its database.*Nothing was changed"):
        portal.call(write)


def test_a_file_that_fails_inside_a_transaction_is_not_blamed_on_the_database(
    portal: BlockingPortal, database: Database
) -> None:
    async def write() -> None:
        transactions = Transactions(make_engine(database.url))
        try:
            async with transactions.writing():
                raise FileNotFoundError
        finally:
            await transactions.close()

    with pytest.raises(FileNotFoundError):
        portal.call(write)
