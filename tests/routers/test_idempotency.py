"""A POST that is sent again with its key is carried out once."""

from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from medperf_api.services.idempotency import KEPT_FOR, SWEPT_AT_ONCE
from medperf_api.services.shapes import stored
from medperf_api.tables import IdempotencyKey
from medperf_api.tables.base import utc_now
from tests.registry.bodies import benchmark_body, cube_body, dataset_body
from tests.registry.races import PARALLEL, Call, all_at_once
from tests.registry.world import Person, World

KEY = {"Idempotency-Key": "0b5c9d3e-the-first"}
OTHER_KEY = {"Idempotency-Key": "another"}

_keys = stored(IdempotencyKey)


def post(person: Person, path: str, body: Any, headers: dict[str, str] = KEY) -> httpx.Response:
    return person.call("POST", path, json=body, headers=headers)


def is_replayed(answer: httpx.Response) -> bool:
    return answer.headers.get("idempotency-replayed") == "true"


def kept_keys(world: World) -> int:
    async def count() -> int:
        async with world.app.state.transactions.reading() as connection:
            found: int = await connection.scalar(select(func.count()).select_from(_keys))
            return found

    return world.portal.call(count)


def age_keys(world: World, age: timedelta) -> None:
    """Have every key been used ``age`` ago."""

    async def write() -> None:
        async with world.app.state.transactions.writing() as connection:
            await connection.execute(update(_keys).values(created_at=utc_now() - age))

    world.portal.call(write)


def test_whatever_is_made_is_made_once(
    world: World, data_owner: Person, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    preparation = benchmark["data_preparation_mlcube"]
    joined = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    dataset, model = world.dataset(data_owner, preparation), world.cube(data_owner)
    pair = {"benchmark": benchmark["id"], "metadata": {}}
    result = {"dataset": joined, "model": benchmark["reference_model_mlcube"], "results": {"a": 1}}
    posts = {
        "mlcubes/": cube_body(),
        "datasets/": dataset_body(preparation),
        "benchmarks/": benchmark_body(preparation, preparation, preparation),
        "datasets/benchmarks/": {**pair, "dataset": dataset},
        "mlcubes/benchmarks/": {**pair, "model_mlcube": model},
        "results/": {**result, "benchmark": benchmark["id"]},
    }
    documented = {
        path.removeprefix("/api/v0/")
        for path, methods in world.app.openapi()["paths"].items()
        if "post" in methods
    }
    assert documented == set(posts)

    for path, body in posts.items():
        key = {"Idempotency-Key": path}
        first, again = post(data_owner, path, body, key), post(data_owner, path, body, key)
        assert first.status_code == again.status_code == 201, first.text
        assert first.content == again.content
        assert first.headers["etag"] == again.headers["etag"]
        assert again.headers["content-type"] == "application/json"
        assert [is_replayed(answer) for answer in (first, again)] == [False, True], path


def test_the_first_answer_is_given_even_when_the_object_changed_since(stranger: Person) -> None:
    body = cube_body()
    first = post(stranger, "mlcubes/", body)
    stranger.change(f"mlcubes/{first.json()['id']}/", is_valid=False)

    assert post(stranger, "mlcubes/", body).content == first.content
    assert stranger.read("mlcubes/")["count"] == 1


def test_the_path_without_its_slash_is_the_same_request(stranger: Person) -> None:
    body = cube_body()
    post(stranger, "mlcubes/", body)

    assert is_replayed(post(stranger, "mlcubes", body))


def test_a_key_stands_for_one_request(stranger: Person) -> None:
    made = post(stranger, "mlcubes/", cube_body())
    preparation = made.json()["id"]

    for path, body in (("mlcubes/", cube_body()), ("datasets/", dataset_body(preparation))):
        answer = post(stranger, path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert stranger.read("mlcubes/")["count"] == 1
    assert stranger.read("datasets/")["count"] == 0


def test_keys_of_different_callers_have_nothing_to_do_with_each_other(
    stranger: Person, model_owner: Person
) -> None:
    made = [post(person, "mlcubes/", cube_body()) for person in (stranger, model_owner)]

    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json()["id"] != made[1].json()["id"]


def test_a_refusal_is_not_kept(world: World, stranger: Person) -> None:
    body = cube_body()
    for refused in ({**body, "name": ""}, {**body, "parameters_hash": "alone"}):
        assert post(stranger, "mlcubes/", refused).status_code == 400
    assert kept_keys(world) == 0

    made = post(stranger, "mlcubes/", body)

    assert (made.status_code, is_replayed(made)) == (201, False)


@pytest.mark.parametrize("key", ["", "a b", " ", "k" * 256, b"caf\xe9", "tab\tbed"])
def test_a_key_that_is_none_is_refused(stranger: Person, key: str | bytes) -> None:
    answer = post(stranger, "mlcubes/", cube_body(), {"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert stranger.read("mlcubes/")["count"] == 0


@pytest.mark.parametrize("key", ["k", "k" * 255, '"quoted"', "a/b:c=~!"])
def test_any_visible_characters_make_a_key(stranger: Person, key: str) -> None:
    body = cube_body()
    post(stranger, "mlcubes/", body, {"Idempotency-Key": key})

    assert is_replayed(post(stranger, "mlcubes/", body, {"Idempotency-Key": key}))


def test_a_token_is_asked_for_before_an_answer_is_given_again(
    world: World, stranger: Person
) -> None:
    body = cube_body()
    post(stranger, "mlcubes/", body)
    world.deactivate("stranger@example.com")

    assert post(stranger, "mlcubes/", body).status_code == 401
    assert post(world.nobody(), "mlcubes/", body, {"Idempotency-Key": ""}).status_code == 401


def test_a_change_needs_no_key_and_heeds_none(world: World, stranger: Person) -> None:
    path = f"mlcubes/{stranger.make('mlcubes/', cube_body())['id']}/"

    for is_valid in (False, True):
        answer = stranger.call("PUT", path, json={"is_valid": is_valid}, headers=KEY)
        assert answer.json()["is_valid"] is is_valid
    assert kept_keys(world) == 0


def test_an_answer_is_kept_for_a_day(world: World, stranger: Person) -> None:
    body = cube_body()
    post(stranger, "mlcubes/", body)

    age_keys(world, KEPT_FOR - timedelta(minutes=1))
    assert is_replayed(post(stranger, "mlcubes/", body))

    age_keys(world, KEPT_FOR)
    made = post(stranger, "mlcubes/", cube_body())
    assert (made.status_code, is_replayed(made)) == (201, False)


def test_old_answers_are_forgotten_when_somebody_makes_something(
    world: World, stranger: Person, model_owner: Person
) -> None:
    post(stranger, "mlcubes/", cube_body())
    post(stranger, "mlcubes/", cube_body(), OTHER_KEY)
    age_keys(world, KEPT_FOR)

    assert SWEPT_AT_ONCE > 2
    post(model_owner, "mlcubes/", cube_body())

    assert kept_keys(world) == 1


def test_a_key_does_not_keep_its_user_from_being_deleted(
    world: World, stranger: Person, admin: Person
) -> None:
    made = post(stranger, "mlcubes/", cube_body()).json()
    assert admin.delete(f"mlcubes/{made['id']}/").status_code == 204

    assert admin.delete(f"users/{made['owner']}/").status_code == 204
    assert kept_keys(world) == 0


def test_of_many_retries_at_once_one_is_carried_out(stranger: Person) -> None:
    calls = [Call("POST", "mlcubes/", cube_body(), KEY)] * PARALLEL

    answers = all_at_once(stranger, calls)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Counter(map(is_replayed, answers)) == {False: 1, True: PARALLEL - 1}
    assert stranger.read("mlcubes/")["count"] == 1


def test_of_many_requests_with_one_key_one_is_carried_out(stranger: Person) -> None:
    calls = [Call("POST", "mlcubes/", cube_body(), KEY) for _ in range(PARALLEL)]

    answers = all_at_once(stranger, calls)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: PARALLEL - 1}
    assert stranger.read("mlcubes/")["count"] == 1


def test_retries_of_a_request_that_is_refused_are_each_refused(
    world: World, stranger: Person
) -> None:
    taken = cube_body()
    stranger.make("mlcubes/", taken)
    calls = [Call("POST", "mlcubes/", taken, KEY)] * PARALLEL

    assert {answer.status_code for answer in all_at_once(stranger, calls)} == {400}
    assert kept_keys(world) == 0


def test_many_keys_that_expired_are_taken_again_at_once(world: World, stranger: Person) -> None:
    calls = [
        Call("POST", "mlcubes/", cube_body(), {"Idempotency-Key": f"{n}"}) for n in range(PARALLEL)
    ]
    assert {answer.status_code for answer in all_at_once(stranger, calls)} == {201}
    age_keys(world, KEPT_FOR)
    again = [Call("POST", "mlcubes/", cube_body(), call.headers) for call in calls]

    assert {answer.status_code for answer in all_at_once(stranger, again)} == {201}
    assert kept_keys(world) == PARALLEL
