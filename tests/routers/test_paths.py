"""Paths, methods, and what needs no token."""

import pytest

from tests.registry.bodies import cube_body
from tests.registry.world import Person, World


@pytest.mark.parametrize(
    "path", ["/version", "/version/", "/api/v0/version", "/health/", "/docs", "/openapi.json"]
)
def test_some_paths_need_no_token(world: World, path: str) -> None:
    assert world.nobody().call("GET", path).status_code == 200


def test_the_version_is_the_one_old_clients_look_for(world: World) -> None:
    assert world.nobody().call("GET", "/version").json() == {"version": "v0"}


def test_the_schema_is_the_same_document(world: World) -> None:
    nobody = world.nobody()

    assert nobody.call("GET", "/schema/").json() == nobody.call("GET", "/openapi.json").json()


def test_a_path_works_without_its_slash_for_every_method(
    model_owner: Person, admin: Person
) -> None:
    number = model_owner.make("mlcubes", cube_body())["id"]

    assert model_owner.read("mlcubes")["count"] == 1
    assert model_owner.read(f"mlcubes/{number}")["id"] == number
    assert model_owner.change(f"mlcubes/{number}", is_valid=False)["is_valid"] is False
    assert model_owner.read("me")["id"] == model_owner.id
    assert admin.delete(f"mlcubes/{number}").status_code == 204


@pytest.mark.parametrize(
    "number", ["0", str(2**31), str(2**63), str(2**64), "9" * 5_000, "0" * 5_000]
)
def test_a_number_no_object_can_have_is_not_found(admin: Person, number: str) -> None:
    for noun in ("mlcubes", "datasets", "benchmarks", "results", "users"):
        answer = admin.get(f"{noun}/{number}/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert admin.put(f"mlcubes/{number}/benchmarks/{number}/", {}).status_code == 404


@pytest.mark.parametrize("path", ["mlcubes/abc/", "mlcubes/-1/", "mlcubes/1.5/", "nothing/", ""])
def test_what_is_no_path_is_not_found(stranger: Person, path: str) -> None:
    answer = stranger.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("mlcubes/", "GET, HEAD, POST"),
        ("mlcubes/1/", "DELETE, GET, HEAD, PUT"),
        ("me/", "GET, HEAD"),
    ],
)
def test_there_is_no_patch(stranger: Person, path: str, allowed: str) -> None:
    answer = stranger.call("PATCH", path, json={})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


def test_without_a_token_nobody_learns_which_methods_there_are(world: World) -> None:
    answer = world.nobody().call("PATCH", "mlcubes/", json={})

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert "allow" not in answer.headers


@pytest.mark.parametrize("path", ["mlcubes/", "mlcubes/{number}/", "me/", "/health/", "/version"])
def test_head_says_what_get_would_without_its_body(model_owner: Person, path: str) -> None:
    path = path.format(number=model_owner.make("mlcubes", cube_body())["id"])
    whole = model_owner.get(path)

    answer = model_owner.call("HEAD", path)

    assert (answer.status_code, answer.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert answer.headers.get(name) == whole.headers.get(name)


@pytest.mark.parametrize(("path", "status"), [("mlcubes/0/", 404), ("nothing/", 404)])
def test_head_of_what_is_not_there_says_so(stranger: Person, path: str, status: int) -> None:
    answer = stranger.call("HEAD", path)

    assert (answer.status_code, answer.content) == (status, b"")


def test_head_needs_a_token_where_get_does(world: World) -> None:
    assert world.nobody().call("HEAD", "mlcubes/").status_code == 401
