"""Benchmarks: one pending an owner, ready cubes, and an admin's decision."""

from typing import Any

import pytest

from tests.registry.bodies import benchmark_body, cube_body
from tests.registry.world import Person, World


def test_a_new_benchmark_waits_for_an_admin(world: World, benchmark_owner: Person) -> None:
    cubes = [world.cube(benchmark_owner) for _ in range(3)]
    body = benchmark_body(*cubes, approval_status="APPROVED", approved_at="2020-01-01T00:00:00Z")

    benchmark = benchmark_owner.make("benchmarks/", body)

    assert benchmark["approval_status"] == "PENDING"
    assert benchmark["approved_at"] is None
    assert benchmark["is_active"] is True
    assert benchmark["state"] == "DEVELOPMENT"
    assert benchmark["owner"] == benchmark_owner.id


def test_a_second_pending_benchmark_waits_for_the_first(
    world: World, benchmark_owner: Person, admin: Person
) -> None:
    first = world.benchmark(benchmark_owner, approved=False)
    body = benchmark_body(*[world.cube(benchmark_owner) for _ in range(3)])

    answer = benchmark_owner.post("benchmarks/", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "not_unique")
    admin.change(f"benchmarks/{first['id']}/", approval_status="REJECTED")
    benchmark_owner.make("benchmarks/", body)


def test_operation_needs_three_operational_cubes(world: World, benchmark_owner: Person) -> None:
    ready = [world.cube(benchmark_owner) for _ in range(2)]
    unready = benchmark_owner.make("mlcubes/", cube_body())["id"]
    body = benchmark_body(*ready, unready)

    answer = benchmark_owner.post("benchmarks/", {**body, "state": "OPERATION"})
    assert (answer.status_code, answer.json()["code"]) == (400, "not_ready")
    path = f"benchmarks/{benchmark_owner.make('benchmarks/', body)['id']}/"
    assert benchmark_owner.put(path, {"state": "OPERATION"}).status_code == 400
    benchmark_owner.change(f"mlcubes/{unready}/", state="OPERATION")
    assert benchmark_owner.change(path, state="OPERATION")["state"] == "OPERATION"


def test_a_benchmark_refers_to_cubes_that_exist(benchmark_owner: Person) -> None:
    answer = benchmark_owner.post("benchmarks/", benchmark_body(71, 72, 73))

    assert answer.status_code == 400
    assert set(answer.json()) - {"code"} == {
        "data_preparation_mlcube",
        "reference_model_mlcube",
        "data_evaluator_mlcube",
    }


@pytest.mark.parametrize("body", [{"approval_status": "PENDING"}, {"approval_status": 5}])
def test_an_owner_may_not_even_mention_the_approval(
    world: World, benchmark_owner: Person, body: dict[str, Any]
) -> None:
    benchmark = world.benchmark(benchmark_owner, approved=False)

    answer = benchmark_owner.put(f"benchmarks/{benchmark['id']}/", {"name": "", **body})

    assert answer.status_code == 403


def test_a_decision_is_dated_and_cannot_be_undone(
    world: World, benchmark_owner: Person, admin: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner, approved=False)
    path = f"benchmarks/{benchmark['id']}/"

    approved = admin.change(path, approval_status="APPROVED")
    assert approved["approved_at"] > benchmark["created_at"]
    assert admin.put(path, {"approval_status": "PENDING"}).json()["code"] == "illegal_move"
    assert admin.change(path, approval_status="APPROVED") == approved
    assert admin.change(path, approval_status="REJECTED")["approval_status"] == "REJECTED"
    assert admin.put(path, {"approval_status": "APPROVED"}).status_code == 400


def test_models_are_listed_by_priority_to_whoever_runs_them(
    world: World,
    data_owner: Person,
    model_owner: Person,
    benchmark_owner: Person,
    stranger: Person,
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    low, high = (world.joined_model(model_owner, benchmark, benchmark_owner) for _ in range(2))
    benchmark_owner.change(f"mlcubes/{high}/benchmarks/{benchmark['id']}/", priority=5)
    path = f"benchmarks/{benchmark['id']}/models/"

    assert data_owner.get(path).status_code == 403
    world.joined_dataset(data_owner, benchmark, benchmark_owner)

    for person in (data_owner, benchmark_owner):
        listed = person.read(path)["results"]
        assert [entry["model_mlcube"] for entry in listed] == [high, low]
        assert set(listed[0]) == {"model_mlcube", "approval_status", "created_at"}
    assert stranger.get(path).status_code == 403


def test_whoever_left_a_benchmark_no_longer_sees_its_models(
    world: World, data_owner: Person, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    pair = {"dataset": dataset, "benchmark": benchmark["id"], "metadata": {}}

    data_owner.make("datasets/benchmarks/", {**pair, "approval_status": "REJECTED"})

    assert data_owner.get(f"benchmarks/{benchmark['id']}/models/").status_code == 403


def test_datasets_are_listed_once_with_their_newest_status(
    world: World, data_owner: Person, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    pair = {"dataset": dataset, "benchmark": benchmark["id"], "metadata": {}}
    data_owner.make("datasets/benchmarks/", {**pair, "approval_status": "REJECTED"})
    data_owner.make("datasets/benchmarks/", pair)

    listed = benchmark_owner.read(f"benchmarks/{benchmark['id']}/datasets/")["results"]

    assert [(entry["dataset"], entry["approval_status"]) for entry in listed] == [
        (dataset, "PENDING")
    ]
    assert data_owner.get(f"benchmarks/{benchmark['id']}/datasets/").status_code == 403
