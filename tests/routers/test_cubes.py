"""Cubes: what makes them unique, what belongs together, and what operation settles."""

from typing import Any

import pytest

from tests.registry.bodies import cube_body, dataset_body
from tests.registry.world import Person, World


def test_a_cube_may_begin_in_operation(model_owner: Person) -> None:
    assert model_owner.make("mlcubes/", cube_body(state="OPERATION"))["state"] == "OPERATION"


def test_two_cubes_cannot_have_one_name(model_owner: Person, stranger: Person) -> None:
    taken = model_owner.make("mlcubes/", cube_body())["name"]

    answer = stranger.post("mlcubes/", cube_body(name=taken))

    assert answer.status_code == 400
    assert list(answer.json()) == ["name", "code"]
    assert answer.json()["code"] == "not_unique"


def test_two_cubes_cannot_share_all_five_hashes(model_owner: Person) -> None:
    first = cube_body()
    model_owner.make("mlcubes/", first)

    answer = model_owner.post("mlcubes/", {**first, "name": "another"})

    assert answer.status_code == 400
    assert "non_field_errors" in answer.json()
    model_owner.make("mlcubes/", {**first, "name": "another", "mlcube_hash": "other"})


@pytest.mark.parametrize(
    "changes",
    [
        {"git_parameters_url": "https://assets.test/p.yaml"},
        {"parameters_hash": "abc"},
        {"additional_files_tarball_url": "https://assets.test/a.tar.gz"},
        {"additional_files_tarball_hash": "abc"},
        {"image_tarball_url": "https://assets.test/i.tar.gz"},
        {"image_hash": ""},
        {"image_tarball_url": "https://assets.test/i.tar.gz", "image_tarball_hash": "abc"},
    ],
)
def test_assets_that_do_not_go_together_are_refused(
    model_owner: Person, changes: dict[str, Any]
) -> None:
    answer = model_owner.post("mlcubes/", cube_body(**changes))

    assert answer.status_code == 400
    assert list(answer.json()) == ["non_field_errors", "code"]


def test_an_image_may_come_as_a_tarball(model_owner: Person) -> None:
    tarball = {"image_tarball_url": "https://assets.test/i.tar.gz", "image_tarball_hash": "abc"}

    assert model_owner.make("mlcubes/", cube_body(image_hash="", **tarball))["image_hash"] == ""


def test_an_update_is_held_to_the_same_rules(model_owner: Person) -> None:
    one, two = (model_owner.make("mlcubes/", cube_body()) for _ in range(2))
    path = f"mlcubes/{two['id']}/"

    assert model_owner.put(path, {"name": one["name"]}).status_code == 400
    assert model_owner.put(path, {"parameters_hash": "abc"}).status_code == 400
    hashes = {name: one[name] for name in ("mlcube_hash", "image_hash")}
    assert model_owner.put(path, hashes).status_code == 400
    assert model_owner.read(path) == two


def test_a_cube_in_development_shows_its_owner_the_datasets_prepared_with_it(
    model_owner: Person, data_owner: Person, stranger: Person
) -> None:
    cube = model_owner.make("mlcubes/", cube_body())["id"]
    dataset = data_owner.make("datasets/", dataset_body(cube, report={"s": 1}))

    assert model_owner.read(f"mlcubes/{cube}/datasets/")["results"] == [dataset]
    assert stranger.get(f"mlcubes/{cube}/datasets/").status_code == 403
    model_owner.change(f"mlcubes/{cube}/", state="OPERATION")
    answer = model_owner.get(f"mlcubes/{cube}/datasets/")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_ready")


def test_a_cube_in_use_is_not_deleted(
    world: World, model_owner: Person, data_owner: Person, admin: Person
) -> None:
    used, unused = world.cube(model_owner), world.cube(model_owner)
    data_owner.make("datasets/", dataset_body(used))

    answer = admin.delete(f"mlcubes/{used}/")

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert admin.delete(f"mlcubes/{unused}/").status_code == 204
    assert admin.get(f"mlcubes/{unused}/").status_code == 404
    assert admin.delete(f"mlcubes/{unused}/").status_code == 404


def test_a_deleted_number_is_not_given_again(
    world: World, model_owner: Person, admin: Person
) -> None:
    number = world.cube(model_owner)
    admin.delete(f"mlcubes/{number}/")

    assert world.cube(model_owner) > number
