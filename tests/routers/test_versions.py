"""ETags, what they let a client insist on, and what they spare it."""

from collections import Counter
from typing import Any

import httpx
import pytest

from tests.registry.bodies import cube_body, dataset_body
from tests.registry.races import PARALLEL, Call, all_at_once
from tests.registry.world import Person, World

MALFORMED = ["", "7.3", '"7.3', '"7.3" "7.4"', '*, "7.3"', '"a b"', 'w/"7.3"', '"7.3",']


def put(person: Person, path: str, tag: str, **changes: Any) -> httpx.Response:
    return person.call("PUT", path, json=changes, headers={"If-Match": tag})


def tag_at(person: Person, path: str) -> str:
    return person.get(path).headers["etag"]


@pytest.fixture
def cube(model_owner: Person) -> str:
    """The path of a cube in development."""
    return f"mlcubes/{model_owner.make('mlcubes/', cube_body())['id']}/"


def test_a_version_changes_with_every_write_and_with_nothing_else(
    model_owner: Person, stranger: Person, cube: str
) -> None:
    first = tag_at(stranger, cube)

    assert first == tag_at(model_owner, cube)
    assert model_owner.put(cube, {}).headers["etag"] == first
    assert model_owner.put(cube, {"is_valid": True}).headers["etag"] == first
    changed = model_owner.put(cube, {"is_valid": False}).headers["etag"]
    assert changed != first
    assert tag_at(stranger, cube) == changed
    back = model_owner.put(cube, {"is_valid": True}).headers["etag"]
    assert back not in {first, changed}


def test_every_single_object_tells_its_version_from_its_creation_on(
    world: World, data_owner: Person, benchmark_owner: Person, admin: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    model = benchmark["reference_model_mlcube"]
    sent = {"benchmark": benchmark["id"], "model": model, "dataset": dataset, "results": {}}
    made = data_owner.post("results/", sent)

    result = f"results/{made.json()['id']}/"
    assert tag_at(data_owner, result) == made.headers["etag"]
    paths = [
        "me/",
        f"users/{data_owner.id}/",
        f"mlcubes/{model}/",
        f"datasets/{dataset}/",
        f"benchmarks/{benchmark['id']}/",
        f"datasets/{dataset}/benchmarks/{benchmark['id']}/",
        result,
    ]
    for path in paths:
        tag = tag_at(admin, path)
        assert tag.startswith('"'), path
        assert tag.endswith('"'), path
        again = admin.call("GET", path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == tag


@pytest.mark.parametrize("form", ['"0.0", {}', "{}", "W/{}", '{},W/"0.0"', "*"])
def test_what_a_client_has_already_is_not_sent_again(
    stranger: Person, cube: str, form: str
) -> None:
    known = form.format(tag_at(stranger, cube))

    assert stranger.call("GET", cube, headers={"If-None-Match": known}).status_code == 304


def test_what_changed_since_is_sent(model_owner: Person, stranger: Person, cube: str) -> None:
    known = tag_at(stranger, cube)
    model_owner.change(cube, is_valid=False)

    answer = stranger.call("GET", cube, headers={"If-None-Match": known})

    assert (answer.status_code, answer.json()["is_valid"]) == (200, False)


def test_a_change_that_insists_on_a_version_is_made_once(model_owner: Person, cube: str) -> None:
    seen = tag_at(model_owner, cube)

    assert put(model_owner, cube, seen, metadata={"a": 1}).status_code == 200
    stale = put(model_owner, cube, seen, metadata={"b": 2})

    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert model_owner.read(cube)["metadata"] == {"a": 1}


@pytest.mark.parametrize("form", ['"0.0", {}', "{}", "*", 'W/"0.0", {}'])
def test_any_of_the_named_versions_will_do(model_owner: Person, cube: str, form: str) -> None:
    tag = form.format(tag_at(model_owner, cube))

    assert put(model_owner, cube, tag, is_valid=False).status_code == 200


def test_a_weak_version_is_none_to_insist_on(model_owner: Person, cube: str) -> None:
    weak = "W/" + tag_at(model_owner, cube)

    assert put(model_owner, cube, weak, is_valid=False).status_code == 412


@pytest.mark.parametrize("tag", MALFORMED)
def test_a_version_that_is_none_is_refused(model_owner: Person, cube: str, tag: str) -> None:
    for answer in (
        put(model_owner, cube, tag, is_valid=False),
        model_owner.call("GET", cube, headers={"If-None-Match": tag}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert model_owner.read(cube)["is_valid"] is True


def test_permission_and_existence_come_before_the_version(
    stranger: Person, admin: Person, cube: str
) -> None:
    assert put(stranger, cube, '"0.0"', is_valid=False).status_code == 403
    assert put(admin, "mlcubes/999/", '"0.0"', is_valid=False).status_code == 404


def test_whoever_is_stale_learns_that_before_what_else_is_wrong(
    model_owner: Person, cube: str
) -> None:
    assert put(model_owner, cube, '"0.0"', state="nonsense").status_code == 412


def test_what_changed_is_not_deleted_unseen(model_owner: Person, admin: Person, cube: str) -> None:
    seen = tag_at(admin, cube)
    model_owner.change(cube, is_valid=False)

    assert admin.call("DELETE", cube, headers={"If-Match": seen}).status_code == 412
    current = tag_at(admin, cube)
    assert admin.call("DELETE", cube, headers={"If-Match": current}).status_code == 204


def test_a_pair_has_the_version_of_its_newest_association(
    world: World, data_owner: Person, benchmark_owner: Person, admin: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    model = world.cube(data_owner)
    pair = f"mlcubes/{model}/benchmarks/{benchmark['id']}/"
    body = {"model_mlcube": model, "benchmark": benchmark["id"], "metadata": {}}
    none = tag_at(benchmark_owner, pair)
    data_owner.make("mlcubes/benchmarks/", body)
    asked = tag_at(benchmark_owner, pair)

    assert put(benchmark_owner, pair, none, approval_status="APPROVED").status_code == 412
    decided = put(benchmark_owner, pair, asked, approval_status="APPROVED")
    assert decided.status_code == 200
    assert decided.headers["etag"] == tag_at(data_owner, pair)
    assert put(benchmark_owner, pair, asked, priority=5).status_code == 412
    assert admin.call("DELETE", pair, headers={"If-Match": asked}).status_code == 412
    data_owner.make("mlcubes/benchmarks/", {**body, "approval_status": "REJECTED"})
    assert put(benchmark_owner, pair, decided.headers["etag"], priority=5).status_code == 412


def test_of_many_changes_to_one_version_one_is_made(model_owner: Person, cube: str) -> None:
    headers = {"If-Match": tag_at(model_owner, cube)}
    calls = [Call("PUT", cube, {"metadata": {"n": n}}, headers) for n in range(PARALLEL)]

    answers = all_at_once(model_owner, calls)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: PARALLEL - 1}
    made = next(answer for answer in answers if answer.status_code == 200)
    assert model_owner.read(cube) == made.json()


def test_two_editors_of_different_fields_lose_nothing(world: World, data_owner: Person) -> None:
    preparation = world.cube(data_owner)
    path = f"datasets/{data_owner.make('datasets/', dataset_body(preparation))['id']}/"
    calls = [Call("PUT", path, {"description": f"{n}"}) for n in range(PARALLEL)]
    calls += [Call("PUT", path, {"report": {"n": n}}) for n in range(PARALLEL)]

    assert {answer.status_code for answer in all_at_once(data_owner, calls)} == {200}

    [dataset] = data_owner.read("me/datasets/")["results"]
    assert dataset["description"].isdigit()
    assert "n" in dataset["report"]
    assert tag_at(data_owner, path) == f'"{dataset["id"]}.{1 + 2 * PARALLEL}"'
