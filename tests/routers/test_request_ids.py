"""Every request has a name, which its answer tells."""

import re

import httpx
import pytest
from fastapi import FastAPI

from tests.registry.world import BASE, Person, World

HEADER = "X-Request-ID"


@pytest.mark.parametrize("name", ["7f3a", "client-1.retry_2", "a" * 64])
def test_a_plain_name_is_kept(stranger: Person, name: str) -> None:
    answer = stranger.call("GET", "me/", headers={HEADER: name})

    assert answer.headers.get_list(HEADER) == [name]


@pytest.mark.parametrize("name", ["", "a" * 65, "a b", 'a"b', b"caf\xe9", "<script>"])
def test_another_name_is_replaced(stranger: Person, name: str | bytes) -> None:
    answer = stranger.call("GET", "me/", headers={HEADER: name})

    assert re.fullmatch("[0-9a-f]{32}", answer.headers[HEADER])


def test_no_two_requests_share_a_name_nobody_gave(world: World) -> None:
    nobody = world.nobody()
    answers = [nobody.call("GET", path) for path in ("/version", "/version", "me/", "/nowhere")]

    assert len({answer.headers[HEADER] for answer in answers}) == 4


def test_a_failure_is_named_too(app: FastAPI, world: World) -> None:
    """With a check of tokens that fails, as when a key source has a fault."""
    check = app.state.token_check
    app.state.token_check = None
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            headers = {HEADER: "mine", "Authorization": "Bearer x"}
            return await client.get("/api/v0/me/", headers=headers)

    try:
        answer = world.portal.call(call)
    finally:
        app.state.token_check = check
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert answer.headers.get_list(HEADER) == ["mine"]
