"""Pages of a long list, from either end."""

import pytest
from sqlalchemy import text

from medperf_api.services.paging import NEAR
from tests.registry.world import Person, World

ROWS = NEAR + 200


@pytest.fixture
def everybody(world: World, admin: Person) -> list[int]:
    """The numbers of more users than a page may skip without looking for the nearer end."""

    async def add() -> None:
        async with world.app.state.transactions.writing() as connection:
            await connection.execute(
                text(
                    "INSERT INTO users (username, email, first_name, last_name, is_admin,"
                    " is_active, created_at, modified_at)"
                    " WITH RECURSIVE numbers(number) AS"
                    " (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :rows)"
                    " SELECT username || number, '', '', '', false, true, created_at, modified_at"
                    " FROM users, numbers"
                ),
                {"rows": ROWS},
            )

    assert admin.id
    world.portal.call(add)
    return [
        user["id"]
        for offset in (0, 1_000)
        for user in admin.read("users/", limit=1_000, offset=offset)["results"]
    ]


def test_a_page_is_the_same_from_either_end(admin: Person, everybody: list[int]) -> None:
    assert len(everybody) == len(set(everybody)) == ROWS + 1
    for offset in (0, NEAR - 1, NEAR, NEAR + 1, NEAR + 90, ROWS - 20, ROWS, ROWS + 1, ROWS + 2):
        for limit in (1, 7, 32, 900):
            page = admin.read("users/", limit=limit, offset=offset)

            numbers = [user["id"] for user in page["results"]]
            assert numbers == everybody[offset : offset + limit], (offset, limit)
            assert page["count"] == ROWS + 1


@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "-modified_at"])
def test_so_is_one_in_another_order(admin: Person, everybody: list[int], ordering: str) -> None:
    whole = sorted(everybody, reverse=ordering.startswith("-"))

    page = admin.read("users/", offset=NEAR + 100, ordering=ordering)

    assert [user["id"] for user in page["results"]] == whole[NEAR + 100 : NEAR + 132]
