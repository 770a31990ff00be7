"""Every decision leaves an entry that nobody can change."""

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from medperf_api.contract.audit import AuditEntryRead
from medperf_api.services import users
from tests.registry.bodies import cube_body, dataset_body
from tests.registry.races import PARALLEL, Call, all_at_once
from tests.registry.world import Body, Person, World


def entries(person: Person, path: str = "audit/", **filters: Any) -> list[Body]:
    """Entries, oldest first."""
    page = person.read(path, limit=1_000, **filters)
    assert page["count"] == len(page["results"])
    found: list[Body] = page["results"]
    return found


def changes(person: Person, path: str = "audit/", **filters: Any) -> list[tuple[Any, ...]]:
    """Who changed what, from what, to what."""
    names = ("actor", "object_type", "object_id", "field", "old", "new")
    found = entries(person, path, action="changed", **filters)
    return [tuple(entry[name] for name in names) for entry in found]


@pytest.fixture
def cube(model_owner: Person) -> Body:
    """A cube in development."""
    return model_owner.make("mlcubes/", cube_body())


def test_an_entry_says_who_when_what_and_in_which_request(
    model_owner: Person, admin: Person, cube: Body
) -> None:
    path = f"mlcubes/{cube['id']}/"
    changed = model_owner.call(
        "PUT", path, json={"is_valid": False}, headers={"X-Request-ID": "seven"}
    ).json()

    [entry] = entries(admin, object_type="mlcube", action="changed")
    assert cube["modified_at"] < entry.pop("created_at")
    assert entry.pop("id") > 0
    assert entry == {
        "actor": changed["owner"],
        "request_id": "seven",
        "action": "changed",
        "object_type": "mlcube",
        "object_id": cube["id"],
        "mlcube": cube["id"],
        "dataset": None,
        "benchmark": None,
        "field": "is_valid",
        "old": True,
        "new": False,
    }


def test_an_object_leaves_entries_from_its_beginning_to_its_end(
    model_owner: Person, admin: Person, cube: Body
) -> None:
    path = f"mlcubes/{cube['id']}/"
    model_owner.change(path, state="OPERATION", is_valid=False, user_metadata={"a": 1})
    admin.delete(path)

    kinds = ("action", "actor", "field", "old", "new")
    begun = {"is_valid": True, "state": "DEVELOPMENT"}
    ended = {"is_valid": False, "state": "OPERATION"}
    owner = model_owner.id
    assert [
        tuple(entry[kind] for kind in kinds) for entry in entries(admin, mlcube=cube["id"])
    ] == [
        ("created", owner, "", None, begun),
        ("changed", owner, "is_valid", True, False),
        ("changed", owner, "state", "DEVELOPMENT", "OPERATION"),
        ("deleted", admin.id, "", ended, None),
    ]


def test_what_decides_nothing_leaves_no_entry(
    model_owner: Person, admin: Person, cube: Body
) -> None:
    path = f"mlcubes/{cube['id']}/"
    model_owner.change(path, name="new name", metadata={"a": 1}, is_valid=True, state="DEVELOPMENT")
    assert model_owner.put(path, {"is_valid": False, "mlcube_hash": ""}).status_code == 400
    stale = {"If-Match": '"0.0"'}
    assert model_owner.call("PUT", path, json={"is_valid": False}, headers=stale).status_code == 412
    assert model_owner.post("mlcubes/", cube_body(name="new name")).status_code == 400

    assert changes(admin, mlcube=cube["id"]) == []
    assert len(entries(admin, object_type="mlcube", action="created")) == 1


def test_datasets_benchmarks_and_results_leave_entries(
    world: World, data_owner: Person, benchmark_owner: Person, admin: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner, approved=False)
    admin.change(f"benchmarks/{benchmark['id']}/", approval_status="APPROVED")
    benchmark_owner.change(f"benchmarks/{benchmark['id']}/", is_active=False)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    data_owner.change(f"datasets/{dataset}/", is_valid=False)
    result = data_owner.make(
        "results/",
        {
            "benchmark": benchmark["id"],
            "model": benchmark["reference_model_mlcube"],
            "dataset": dataset,
            "results": {},
        },
    )
    admin.change(f"results/{result['id']}/", approval_status="REJECTED", is_valid=False)

    assert changes(admin, object_type="benchmark") == [
        (admin.id, "benchmark", benchmark["id"], "approval_status", "PENDING", "APPROVED"),
        (benchmark["owner"], "benchmark", benchmark["id"], "is_active", True, False),
    ]
    assert changes(admin, object_type="dataset") == [
        (data_owner.id, "dataset", dataset, "state", "DEVELOPMENT", "OPERATION"),
        (data_owner.id, "dataset", dataset, "is_valid", True, False),
    ]
    assert changes(admin, object_type="result") == [
        (admin.id, "result", result["id"], "approval_status", "PENDING", "REJECTED"),
        (admin.id, "result", result["id"], "is_valid", True, False),
    ]


def test_associations_are_in_the_histories_of_both_sides(
    world: World, model_owner: Person, benchmark_owner: Person, admin: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    model = world.joined_model(model_owner, benchmark, benchmark_owner)
    pair = f"mlcubes/{model}/benchmarks/{benchmark['id']}/"
    benchmark_owner.change(pair, priority=7)
    owner = benchmark_owner.id
    number = entries(admin, object_type="model_association")[0]["object_id"]
    admin.delete(pair)

    decided = [
        (owner, "model_association", number, "approval_status", "PENDING", "APPROVED"),
        (owner, "model_association", number, "priority", 0, 7),
    ]
    for person, path in (
        (model_owner, f"mlcubes/{model}/history/"),
        (benchmark_owner, f"benchmarks/{benchmark['id']}/history/"),
    ):
        assert changes(person, path, object_type="model_association") == decided
        ended = entries(person, path, action="deleted")
        assert [entry["old"] for entry in ended] == [{"approval_status": "APPROVED", "priority": 7}]
    other = f"mlcubes/{benchmark['reference_model_mlcube']}/history/"
    assert entries(benchmark_owner, other, object_type="model_association") == []


def test_an_association_that_nobody_had_to_ask_for_is_noted_as_it_began(
    world: World, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    model = world.cube(benchmark_owner)
    body = {"model_mlcube": model, "benchmark": benchmark["id"], "metadata": {}}
    benchmark_owner.make("mlcubes/benchmarks/", body)
    benchmark_owner.make("mlcubes/benchmarks/", {**body, "approval_status": "REJECTED"})

    path = f"benchmarks/{benchmark['id']}/history/"
    begun = entries(benchmark_owner, path, object_type="model_association")
    assert [entry["new"]["approval_status"] for entry in begun] == ["APPROVED", "REJECTED"]
    assert {entry["action"] for entry in begun} == {"created"}


def test_rights_that_the_operator_gives_and_takes_are_noted(
    world: World, stranger: Person, admin: Person
) -> None:
    number = stranger.id
    world.deactivate("stranger@example.com")
    world.deactivate("stranger@example.com")
    admin.change(f"users/{number}/", username="somebody", first_name="Some")

    assert changes(admin, object_type="user") == [
        (None, "user", admin.id, "is_admin", False, True),
        (None, "user", number, "is_active", True, False),
        (admin.id, "user", number, "username", "stranger", "somebody"),
    ]


def test_whoever_is_an_admin_from_the_start_is_noted_too(world: World, admin: Person) -> None:
    async def make() -> None:
        async with world.app.state.transactions.writing() as connection:
            await users.make_admin(connection, "second@example.com", may_create=True)

    world.portal.call(make)

    [*_, last] = changes(admin, object_type="user")
    assert (last[0], *last[3:]) == (None, "is_admin", False, True)


def test_a_deleted_user_leaves_an_entry(stranger: Person, admin: Person) -> None:
    number = stranger.id
    admin.delete(f"users/{number}/")

    [entry] = entries(admin, action="deleted")
    assert (entry["object_type"], entry["object_id"], entry["actor"]) == ("user", number, admin.id)
    assert entry["old"] == {"is_active": True, "is_admin": False, "username": "stranger"}


def test_the_table_is_paged_filtered_and_ordered_as_lists_are(
    model_owner: Person, admin: Person, cube: Body
) -> None:
    for is_valid in (False, True, False):
        model_owner.change(f"mlcubes/{cube['id']}/", is_valid=is_valid)

    everything = entries(admin)
    numbers = [entry["id"] for entry in everything]
    assert numbers == sorted(numbers)
    first = admin.read("audit/", limit=2)
    assert (first["count"], len(first["results"])) == (len(everything), 2)
    assert first["next"].endswith("/api/v0/audit/?limit=2&offset=2")
    assert entries(admin, ordering="-created_at") == everything[::-1]
    assert len(entries(admin, actor=model_owner.id, field="is_valid")) == 3
    assert len(entries(admin, object_type="mlcube", object_id=cube["id"])) == 4
    request = everything[-1]["request_id"]
    assert entries(admin, request_id=request) == everything[-1:]
    for name, value in (("action", "undone"), ("object_type", "cube"), ("actor", "me")):
        answer = admin.get("audit/", **{name: value})
        assert (answer.status_code, list(answer.json())) == (400, [name, "code"])


def test_entries_are_what_the_document_says(
    world: World, data_owner: Person, benchmark_owner: Person, admin: Person
) -> None:
    world.joined_dataset(data_owner, world.benchmark(benchmark_owner), benchmark_owner)

    for entry in entries(admin):
        assert AuditEntryRead.model_validate(entry).model_dump(mode="json") == entry


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 1", "DELETE FROM audit"])
def test_the_database_refuses_to_change_what_is_noted(
    world: World, admin: Person, cube: Body, statement: str
) -> None:
    before = entries(admin)

    async def tamper() -> None:
        async with world.app.state.engine.begin() as connection:
            await connection.exec_driver_sql(statement)

    with pytest.raises(DBAPIError, match="only grows"):
        world.portal.call(tamper)
    assert entries(admin) == before


def test_of_many_deciders_the_one_who_decided_is_noted(
    world: World, data_owner: Person, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.dataset(data_owner, benchmark["data_preparation_mlcube"])
    body = {"dataset": dataset, "benchmark": benchmark["id"], "metadata": {}}
    data_owner.make("datasets/benchmarks/", body)
    pair = f"datasets/{dataset}/benchmarks/{benchmark['id']}/"
    wanted = ["APPROVED", "REJECTED"] * PARALLEL

    answers = all_at_once(
        benchmark_owner, [Call("PUT", pair, {"approval_status": status}) for status in wanted]
    )

    [made] = [answer.json() for answer in answers if answer.status_code == 200]
    [entry] = changes(data_owner, f"datasets/{dataset}/history/", field="approval_status")
    assert entry[3:] == ("approval_status", "PENDING", made["approval_status"])


def test_many_edits_of_one_field_leave_an_unbroken_chain(model_owner: Person, cube: Body) -> None:
    path = f"mlcubes/{cube['id']}/"
    calls = [Call("PUT", path, {"is_valid": bool(n % 2)}) for n in range(2 * PARALLEL)]

    assert {answer.status_code for answer in all_at_once(model_owner, calls)} == {200}

    noted = changes(model_owner, f"{path}history/")
    values = [True, *(new for *_, new in noted)]
    assert [old for *_, old, _ in noted] == values[:-1]
    assert model_owner.read(path)["is_valid"] is values[-1]


def test_a_dataset_that_everybody_sees_has_a_history_for_its_owner_alone(
    world: World, data_owner: Person, model_owner: Person
) -> None:
    preparation = world.cube(model_owner)
    number = data_owner.make("datasets/", dataset_body(preparation))["id"]

    assert model_owner.get(f"datasets/{number}/history/").status_code == 403
    [begun] = entries(data_owner, f"datasets/{number}/history/")
    assert begun["new"] == {"is_valid": True, "state": "DEVELOPMENT"}
