"""Results: who may send, read and correct them, and what never changes."""

import pytest

from tests.registry.world import Body, Person, World


@pytest.fixture
def body(world: World, data_owner: Person, benchmark_owner: Person) -> Body:
    benchmark = world.benchmark(benchmark_owner)
    return {
        "benchmark": benchmark["id"],
        "model": benchmark["reference_model_mlcube"],
        "dataset": world.joined_dataset(data_owner, benchmark, benchmark_owner),
        "results": {"auc": 0.93, "curve": [[0, 0], [1, 1]]},
    }


def test_only_the_datasets_owner_and_admins_may_send_one(
    body: Body, data_owner: Person, benchmark_owner: Person, stranger: Person, admin: Person
) -> None:
    for person in (stranger, benchmark_owner):
        assert person.post("results/", body).status_code == 403
        assert person.post("results/", {"dataset": body["dataset"]}).status_code == 403
        assert person.post("results/", {"dataset": 999}).status_code == 403
    assert data_owner.make("results/", body)["owner"] == data_owner.id
    assert admin.make("results/", body)["owner"] == admin.id
    assert admin.post("results/", {**body, "dataset": 999}).status_code == 400


def test_a_model_the_benchmark_did_not_approve_is_refused(
    world: World, body: Body, data_owner: Person, model_owner: Person
) -> None:
    other = world.cube(model_owner)

    answer = data_owner.post("results/", {**body, "model": other})

    assert (answer.status_code, answer.json()["code"]) == (400, "not_ready")
    pair = {"model_mlcube": other, "benchmark": body["benchmark"], "metadata": {}}
    model_owner.make("mlcubes/benchmarks/", pair)
    assert data_owner.post("results/", {**body, "model": other}).status_code == 400


def test_a_dataset_that_left_the_benchmark_is_refused(body: Body, data_owner: Person) -> None:
    pair = {"dataset": body["dataset"], "benchmark": body["benchmark"], "metadata": {}}
    data_owner.make("datasets/benchmarks/", {**pair, "approval_status": "REJECTED"})

    assert data_owner.post("results/", body).json()["code"] == "not_ready"


def test_both_owners_read_a_result_and_nobody_else(
    body: Body,
    data_owner: Person,
    benchmark_owner: Person,
    model_owner: Person,
    stranger: Person,
    admin: Person,
) -> None:
    result = data_owner.make("results/", body)
    path = f"results/{result['id']}/"

    for person in (data_owner, benchmark_owner, admin):
        assert person.read(path) == result
    for person in (stranger, model_owner):
        assert person.get(path).status_code == 403
        assert person.get("results/999/").status_code == 403
    assert admin.get("results/999/").status_code == 404


def test_a_result_is_evidence(body: Body, data_owner: Person, admin: Person) -> None:
    result = data_owner.make("results/", body)
    path = f"results/{result['id']}/"

    changed = admin.change(path, results={}, benchmark=99, model=99, dataset=99, owner=99)

    assert changed == result
    assert data_owner.put(path, {"name": "new"}).status_code == 403


def test_an_admins_decision_on_a_result_is_dated(
    body: Body, data_owner: Person, admin: Person
) -> None:
    result = data_owner.make("results/", {**body, "approval_status": "APPROVED"})
    assert (result["approval_status"], result["approved_at"]) == ("PENDING", None)

    changed = admin.change(f"results/{result['id']}/", approval_status="APPROVED", name="best")

    assert changed["approved_at"]
    assert (changed["name"], changed["approval_status"]) == ("best", "APPROVED")


def test_only_admins_list_all_results_and_delete_them(
    body: Body, data_owner: Person, admin: Person
) -> None:
    result = data_owner.make("results/", body)

    assert data_owner.get("results/").status_code == 403
    assert admin.read("results/")["results"] == [result]
    assert data_owner.delete(f"results/{result['id']}/").status_code == 403
    assert admin.delete(f"results/{result['id']}/").status_code == 204
    assert admin.read("results/")["count"] == 0
