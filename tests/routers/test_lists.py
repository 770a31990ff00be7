"""Lists: pages, links, filters and orders."""

import pytest

from tests.registry.bodies import cube_body, dataset_body
from tests.registry.world import BASE, Person


@pytest.fixture
def cubes(model_owner: Person) -> list[int]:
    """Five cubes; the third was changed last."""
    numbers = [
        model_owner.make("mlcubes/", cube_body(name=name))["id"]
        for name in ("e", "b", "a", "d", "c")
    ]
    model_owner.change(f"mlcubes/{numbers[2]}/", is_valid=False)
    return numbers


def numbers_of(page: dict) -> list[int]:
    return [row["id"] for row in page["results"]]


def test_a_list_begins_with_what_was_changed_longest_ago(
    stranger: Person, cubes: list[int]
) -> None:
    page = stranger.read("mlcubes/")

    one, two, three, four, five = cubes
    assert numbers_of(page) == [one, two, four, five, three]
    assert (page["count"], page["next"], page["previous"]) == (5, None, None)


def test_pages_are_linked_by_absolute_addresses(stranger: Person, cubes: list[int]) -> None:
    first = stranger.read("mlcubes/", limit=2, ordering="created_at")
    assert first["previous"] is None
    assert first["next"] == f"{BASE}/api/v0/mlcubes/?ordering=created_at&limit=2&offset=2"

    second = stranger.call("GET", first["next"].removeprefix(BASE)).json()
    third = stranger.call("GET", second["next"].removeprefix(BASE)).json()

    assert numbers_of(first) + numbers_of(second) + numbers_of(third) == cubes
    assert third["next"] is None
    assert second["previous"] == f"{BASE}/api/v0/mlcubes/?ordering=created_at&limit=2"
    assert third["previous"] == first["next"]


def test_past_the_end_there_is_nothing_but_the_count(stranger: Person, cubes: list[int]) -> None:
    page = stranger.read("mlcubes/", offset=100)

    assert (page["count"], page["results"], page["next"]) == (5, [], None)
    assert page["previous"].endswith("?limit=32&offset=68")


@pytest.mark.parametrize("limit", ["0", "-1", "many", "", "1.5", "٣"])
def test_a_limit_that_makes_no_sense_is_the_usual_one(
    stranger: Person, cubes: list[int], limit: str
) -> None:
    assert len(stranger.read("mlcubes/", limit=limit)["results"]) == 5


@pytest.mark.parametrize("offset", ["-1", "many", ""])
def test_an_offset_that_makes_no_sense_is_none(
    stranger: Person, cubes: list[int], offset: str
) -> None:
    assert len(stranger.read("mlcubes/", offset=offset)["results"]) == 5


@pytest.mark.parametrize("huge", [str(2**63), "9" * 5_000])
def test_huge_numbers_are_harmless(stranger: Person, cubes: list[int], huge: str) -> None:
    assert stranger.read("mlcubes/", offset=huge)["results"] == []
    assert len(stranger.read("mlcubes/", limit=huge)["results"]) == 5


def test_a_limit_is_capped_at_a_thousand(stranger: Person, model_owner: Person) -> None:
    preparation = model_owner.make("mlcubes/", cube_body())["id"]
    model_owner.make("datasets/", dataset_body(preparation))

    page = stranger.read("datasets/", limit=5_000, offset=1)

    assert "limit=1000" in page["previous"]


@pytest.mark.parametrize(
    ("ordering", "names"),
    [("name", "abcde"), ("-name", "edcba"), ("created_at", "ebadc"), ("-created_at", "cdabe")],
)
def test_a_list_can_be_ordered(
    stranger: Person, cubes: list[int], ordering: str, names: str
) -> None:
    rows = stranger.read("mlcubes/", ordering=ordering)["results"]

    assert "".join(row["name"] for row in rows) == names


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("is_valid", "maybe"),
        ("state", "operation"),
        ("owner", "me"),
        ("owner", str(2**40)),
        ("name", "a\x00"),
        ("ordering", "colour"),
        ("ordering", "--name"),
    ],
)
def test_an_unknown_value_is_refused_under_its_name(
    stranger: Person, name: str, value: str
) -> None:
    answer = stranger.get("mlcubes/", **{name: value})

    assert answer.status_code == 400
    assert list(answer.json()) == [name, "code"]
