"""Users: made at their first call, seen by few, changed by admins."""

from tests.registry.bodies import dataset_body
from tests.registry.tokens import token_for
from tests.registry.world import Person, World


def test_a_first_call_makes_a_user(world: World) -> None:
    me = world.person("newcomer").read("me/")

    assert (me["username"], me["email"]) == ("newcomer", "newcomer@example.com")
    assert set(me) == {
        "id",
        "created_at",
        "modified_at",
        "username",
        "email",
        "first_name",
        "last_name",
    }
    assert world.person("newcomer").read("me/") == me


def test_a_first_call_that_is_refused_makes_a_user_too(world: World, admin: Person) -> None:
    newcomer = world.person("newcomer")

    assert newcomer.post("mlcubes/", {}).status_code == 400
    assert admin.read("users/")["count"] == 2


def test_an_inactive_user_is_nobody(world: World) -> None:
    person = world.person("leaver")
    person.read("me/")
    world.deactivate("leaver@example.com")

    assert person.get("me/").status_code == 401
    assert person.post("mlcubes/", {}).status_code == 401


def test_a_user_is_seen_by_admins_themselves_and_whoever_prepares_their_data(
    world: World, data_owner: Person, benchmark_owner: Person, stranger: Person, admin: Person
) -> None:
    data_owner.make("datasets/", dataset_body(world.cube(benchmark_owner)))
    me = data_owner.read("me/")
    path = f"users/{me['id']}/"

    for person in (admin, data_owner, benchmark_owner):
        assert person.read(path) == me
    assert stranger.get(path).status_code == 403
    assert stranger.get("users/999/").status_code == 403
    assert admin.get("users/999/").status_code == 404


def test_only_admins_list_change_and_delete_users(stranger: Person, admin: Person) -> None:
    path = f"users/{stranger.id}/"

    assert stranger.get("users/").status_code == 403
    assert stranger.put(path, {"first_name": "A"}).status_code == 403
    assert stranger.delete(path).status_code == 403
    assert admin.change(path, first_name="A")["first_name"] == "A"
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_rights_are_not_given_over_http(stranger: Person, admin: Person) -> None:
    admin.change(f"users/{stranger.id}/", is_admin=True, is_active=False, id=5)

    assert stranger.get("users/").status_code == 403


def test_a_username_is_one_users(stranger: Person, admin: Person) -> None:
    answer = admin.put(f"users/{stranger.id}/", {"username": "admin"})

    assert (answer.status_code, answer.json()["code"]) == (400, "not_unique")
    assert "username" in answer.json()


def test_a_user_who_owns_something_is_not_deleted(
    world: World, model_owner: Person, admin: Person
) -> None:
    world.cube(model_owner)

    assert admin.delete(f"users/{model_owner.id}/").status_code == 409


def test_two_subjects_with_one_address_are_two_users(world: World) -> None:
    claim = {"https://medperf.org/email": "shared@example.com"}
    one = world.with_token(token_for("one", **claim)).read("me/")
    two = world.with_token(token_for("two", **claim)).read("me/")

    assert one["id"] != two["id"]
    assert one["email"] == two["email"]
