"""The tallies say what counting would say, whatever happened to the rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from medperf_api.database import Transaction
from medperf_api.services.shapes import stored
from medperf_api.tables import Stored, Tally, User
from medperf_api.tables.base import utc_now
from medperf_api.tables.tally import EVERY, TALLIED, tally_name
from tests.registry.bodies import cube_body, dataset_body
from tests.registry.races import Call, all_at_once
from tests.registry.world import Person, World

Numbers = dict[tuple[str, int], int]


async def tallied(connection: Transaction) -> Numbers:
    """What the tallies say; nothing of what is no more."""
    tally = stored(Tally).c
    query = select(tally.name, tally.value, func.sum(tally.total)).group_by(tally.name, tally.value)
    found = (await connection.execute(query)).all()
    return {(name, value): int(total) for name, value, total in found if total}


async def counted(connection: Transaction) -> Numbers:
    """What counting says."""
    numbers: Numbers = {}
    for table, columns in TALLIED.items():
        rows = Stored.metadata.tables[table]
        total = await connection.scalar(select(func.count()).select_from(rows))
        numbers[table, EVERY] = total or 0
        for column in columns:
            value = rows.c[column]
            for key, count in (
                await connection.execute(select(value, func.count()).group_by(value))
            ).all():
                numbers[tally_name(table, column), key] = count
    return {name: number for name, number in numbers.items() if number}


def numbers_of(world: World) -> tuple[Numbers, Numbers]:
    async def read() -> tuple[Numbers, Numbers]:
        async with world.app.state.transactions.reading(searching=True) as connection:
            return await tallied(connection), await counted(connection)

    both: tuple[Numbers, Numbers] = world.portal.call(read)
    return both


@pytest.fixture(autouse=True)
def equal_at_the_end(world: World) -> Iterator[None]:
    yield
    kept, real = numbers_of(world)
    assert kept == real


def test_tables_and_columns_are_those_of_the_schema() -> None:
    tables = Stored.metadata.tables
    assert all(set(columns) <= set(tables[name].c.keys()) for name, columns in TALLIED.items())


def test_rows_that_come_and_go_are_counted(
    world: World, data_owner: Person, benchmark_owner: Person, admin: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    world.joined_dataset(data_owner, benchmark, benchmark_owner)
    cube = data_owner.make("mlcubes/", cube_body())["id"]
    assert numbers_of(world)[0]["cubes.owner", data_owner.id] == 1

    assert admin.delete(f"mlcubes/{cube}/").status_code == 204

    assert ("cubes.owner", data_owner.id) not in numbers_of(world)[0]


def test_a_row_that_moves_is_counted_where_it_is(data_owner: Person) -> None:
    first, second = (data_owner.make("mlcubes/", cube_body())["id"] for _ in range(2))
    dataset = data_owner.make("datasets/", dataset_body(first))["id"]

    data_owner.change(f"datasets/{dataset}/", data_preparation_mlcube=second)

    assert data_owner.read(f"mlcubes/{first}/datasets/")["count"] == 0
    assert data_owner.read(f"mlcubes/{second}/datasets/")["count"] == 1


def test_what_is_refused_or_undone_is_not_counted(world: World, data_owner: Person) -> None:
    body = cube_body()
    data_owner.make("mlcubes/", body)
    assert data_owner.post("mlcubes/", body).status_code == 400

    async def undo() -> None:
        async with world.app.state.engine.connect() as connection:
            await connection.execute(insert(stored(User)), [user(1), user(2)])
            await connection.rollback()

    world.portal.call(undo)

    assert data_owner.read("mlcubes/")["count"] == 1


def test_many_rows_of_one_statement_are_counted(world: World) -> None:
    async def add() -> None:
        async with world.app.state.transactions.writing() as connection:
            await connection.execute(insert(stored(User)), [user(number) for number in range(40)])
            await connection.execute(text("DELETE FROM users WHERE username LIKE '%9'"))

    world.portal.call(add)

    assert numbers_of(world)[0]["users", EVERY] == 36


def user(number: int) -> dict[str, Any]:
    names = {"username": f"user {number}", "email": "", "first_name": "", "last_name": ""}
    times = {"created_at": utc_now(), "modified_at": utc_now()}
    return {**names, **times, "is_admin": False, "is_active": True}


def test_of_many_writers_at_once_each_is_counted(world: World, data_owner: Person) -> None:
    cube = data_owner.make("mlcubes/", cube_body())["id"]
    calls = [Call("POST", "datasets/", dataset_body(cube)) for _ in range(50)]

    answers = all_at_once(data_owner, calls)

    assert {answer.status_code for answer in answers} == {201}
    assert data_owner.read("me/datasets/")["count"] == len(calls)
