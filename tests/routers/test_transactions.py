"""What is committed when, and what happens when many write at once."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope

from tests.registry.bodies import benchmark_body, cube_body, dataset_body
from tests.registry.world import API, Body, Person, World

PARALLEL = 25


def at_once(person: Person, calls: list[tuple[str, str, Any]]) -> Counter[int]:
    """Make every call at once, and count the statuses."""

    async def send() -> list[int]:
        async def one(method: str, path: str, body: Any) -> int:
            answer = await person.client.request(
                method, API + path, json=body, headers=person.headers
            )
            return answer.status_code

        return await asyncio.gather(*(one(*call) for call in calls))

    return Counter(person.portal.call(send))


def test_a_write_is_committed_before_its_reply_begins(world: World, stranger: Person) -> None:
    """Counts the committed cubes, over another connection, when the reply's first byte is sent."""
    seen: list[int] = []
    body = cube_body()
    stranger.read("me/")

    async def write() -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                assert message["status"] == 201
                async with world.app.state.transactions.reading() as connection:
                    count = await connection.exec_driver_sql("SELECT count(*) FROM cubes")
                    seen.append(count.scalar_one())

        await world.app(*post_of(stranger, "mlcubes/", body), send)

    world.portal.call(write)

    assert seen == [1]


def post_of(person: Person, path: str, body: Body) -> tuple[Scope, Receive]:
    """The request that a server would hand over."""
    request = person.client.build_request("POST", API + path, json=body, headers=person.headers)
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("registry.test", 80),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": request.content, "more_body": False}

    return scope, receive


def test_a_refused_write_leaves_nothing(world: World, stranger: Person) -> None:
    cube = stranger.make("mlcubes/", cube_body())
    path = f"mlcubes/{cube['id']}/"

    assert stranger.put(path, {"is_valid": False, "parameters_hash": "alone"}).status_code == 400

    assert stranger.read(path) == cube


def test_first_calls_at_once_make_one_user(world: World, admin: Person) -> None:
    newcomer = world.person("newcomer")

    assert at_once(newcomer, [("GET", "me/", None)] * PARALLEL) == {200: PARALLEL}

    assert admin.read("users/")["count"] == 2


def test_one_of_many_gets_a_name(stranger: Person) -> None:
    calls = [("POST", "mlcubes/", cube_body(name="wanted")) for _ in range(PARALLEL)]

    assert at_once(stranger, calls) == {201: 1, 400: PARALLEL - 1}


def test_one_of_many_pending_benchmarks_is_made(world: World, benchmark_owner: Person) -> None:
    cubes = [world.cube(benchmark_owner) for _ in range(3)]
    calls = [("POST", "benchmarks/", benchmark_body(*cubes)) for _ in range(PARALLEL)]

    assert at_once(benchmark_owner, calls) == {201: 1, 400: PARALLEL - 1}


def test_one_of_many_datasets_with_one_content_becomes_operational(
    world: World, data_owner: Person
) -> None:
    cube = world.cube(data_owner)
    made = [
        data_owner.make("datasets/", dataset_body(cube, generated_uid="same")) for _ in range(10)
    ]
    calls = [("PUT", f"datasets/{one['id']}/", {"state": "OPERATION"}) for one in made]

    assert at_once(data_owner, calls) == {200: 1, 400: 9}


@pytest.mark.parametrize("noun", ["datasets", "mlcubes"])
def test_one_of_many_requests_decisions_and_withdrawals_counts(
    world: World, data_owner: Person, benchmark_owner: Person, noun: str
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    if noun == "datasets":
        subject = world.dataset(data_owner, benchmark["data_preparation_mlcube"])
        body = {"dataset": subject}
    else:
        subject = world.cube(data_owner)
        body = {"model_mlcube": subject}
    body |= {"benchmark": benchmark["id"], "metadata": {}}
    pair = f"{noun}/{subject}/benchmarks/{benchmark['id']}/"
    requests = [("POST", f"{noun}/benchmarks/", body)] * PARALLEL
    decisions = [("PUT", pair, {"approval_status": "APPROVED"})] * PARALLEL
    withdrawal = {**body, "approval_status": "REJECTED"}

    assert at_once(data_owner, requests) == {201: 1, 400: PARALLEL - 1}
    assert at_once(benchmark_owner, decisions) == {200: 1, 400: PARALLEL - 1}
    withdrawals = [("POST", f"{noun}/benchmarks/", withdrawal)] * PARALLEL
    assert at_once(data_owner, withdrawals) == {201: 1, 400: PARALLEL - 1}
    statuses = [entry["approval_status"] for entry in data_owner.read(pair)]
    assert statuses == ["APPROVED", "REJECTED"]


def test_edits_of_different_fields_lose_nothing(stranger: Person) -> None:
    path = f"mlcubes/{stranger.make('mlcubes/', cube_body())['id']}/"
    edits: Body = {
        "git_mlcube_url": "https://new.test/",
        "mlcube_hash": "new",
        "is_valid": False,
        "metadata": {"a": 1},
        "user_metadata": {"b": 2},
        "name": "new name",
    }

    assert at_once(stranger, [("PUT", path, {k: v}) for k, v in edits.items()]) == {200: 6}

    cube = stranger.read(path)
    assert {name: cube[name] for name in edits} == edits


def test_readers_do_not_wait_for_a_writer(world: World, stranger: Person) -> None:
    stranger.read("me/")

    async def read_while_writing() -> int:
        async with world.app.state.transactions.writing():
            answer = await stranger.client.get(API + "me/", headers=stranger.headers)
            return answer.status_code

    assert world.portal.call(read_while_writing) == 200
