"""Datasets: what others see of them, and the one way into operation."""

import pytest

from tests.registry.bodies import dataset_body
from tests.registry.world import Person, World


@pytest.fixture
def preparation(world: World, benchmark_owner: Person) -> int:
    return world.cube(benchmark_owner)


def test_others_and_even_the_owner_see_no_owner_and_no_report(
    data_owner: Person, stranger: Person, admin: Person, preparation: int
) -> None:
    dataset = data_owner.make("datasets/", dataset_body(preparation, report={"1": 20}))
    public = {name: dataset[name] for name in dataset if name not in {"owner", "report"}}

    for person in (data_owner, stranger, admin):
        assert person.read(f"datasets/{dataset['id']}/") == public
        assert person.read("datasets/")["results"] == [public]
    assert data_owner.read("me/datasets/")["results"] == [dataset]
    assert stranger.read("me/datasets/")["results"] == []


def test_asking_by_owner_does_not_reveal_whose_a_dataset_is(
    data_owner: Person, stranger: Person, admin: Person, preparation: int
) -> None:
    dataset = data_owner.make("datasets/", dataset_body(preparation))
    owner = dataset["owner"]

    assert stranger.read("datasets/", owner=owner)["count"] == 0
    assert data_owner.read("datasets/", owner=owner)["count"] == 1
    assert admin.read("datasets/", owner=owner)["count"] == 1


def test_a_dataset_needs_a_preparation_cube_that_exists(data_owner: Person) -> None:
    answer = data_owner.post("datasets/", dataset_body(77))

    assert answer.status_code == 400
    assert answer.json()["data_preparation_mlcube"] == ["There is no object with the number 77."]


def test_everything_may_change_before_operation(data_owner: Person, preparation: int) -> None:
    number = data_owner.make("datasets/", dataset_body(preparation))["id"]

    changes = {"name": "new", "generated_uid": "prepared", "report": {"2": 10}, "split_seed": 3}
    changed = data_owner.change(f"datasets/{number}/", state="OPERATION", **changes)

    assert {name: changed[name] for name in changes} == changes
    assert changed["state"] == "OPERATION"


def test_of_two_datasets_with_one_content_one_becomes_operational(
    world: World, data_owner: Person, stranger: Person, preparation: int
) -> None:
    world.dataset(data_owner, preparation, generated_uid="same")
    second = stranger.make("datasets/", dataset_body(preparation, generated_uid="same"))

    answer = stranger.put(f"datasets/{second['id']}/", {"state": "OPERATION"})

    assert (answer.status_code, answer.json()["code"]) == (400, "not_unique")
    changes = {"state": "OPERATION", "generated_uid": "different"}
    stranger.change(f"datasets/{second['id']}/", **changes)


def test_a_dataset_in_a_benchmark_is_not_deleted(
    world: World, data_owner: Person, benchmark_owner: Person, admin: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    joined = world.joined_dataset(data_owner, benchmark, benchmark_owner)

    assert admin.delete(f"datasets/{joined}/").status_code == 409
    pair = f"datasets/{joined}/benchmarks/{benchmark['id']}/"
    assert admin.delete(pair).status_code == 204
    assert admin.delete(f"datasets/{joined}/").status_code == 204
