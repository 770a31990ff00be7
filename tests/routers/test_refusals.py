"""Each refusal has a code from the one list, and the page tells what to do about each."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from medperf_api.contract.errors import ErrorCode
from medperf_api.errors import Refusal
from medperf_api.routers.problems import STATUSES
from tests.registry.world import Person, World

PAGE = Path(__file__).parents[2] / "docs" / "api_additions.md"
ROW = re.compile(r"^\| (\d{3}) \| `(\w+)` \| \S.* \|$", re.MULTILINE)

NO_JSON = {"content": b"{", "headers": {"Content-Type": "application/json"}}
NO_MEDIA = {"content": b"{}", "headers": {"Content-Type": "text/csv"}}
NO_VERSION = {"json": {}, "headers": {"If-Match": "7.3"}}


def kinds(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_the_page_lists_every_code_once() -> None:
    listed = [code for _, code in ROW.findall(PAGE.read_text())]

    assert sorted(listed) == sorted(ErrorCode)


def test_the_page_names_the_status_of_each_kind_of_refusal() -> None:
    statuses = {code: int(status) for status, code in ROW.findall(PAGE.read_text())}

    for kind in kinds(Refusal):
        assert statuses[kind.code] == STATUSES[kind], kind


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("POST", "mlcubes/", NO_JSON, 400, ErrorCode.MALFORMED),
        ("PUT", "mlcubes/1/", NO_VERSION, 400, ErrorCode.MALFORMED),
        ("POST", "mlcubes/", {"json": {}}, 400, ErrorCode.INVALID),
        ("GET", "mlcubes/?is_valid=maybe", {}, 400, ErrorCode.INVALID),
        ("GET", "users/", {}, 403, ErrorCode.NOT_PERMITTED),
        ("GET", "mlcubes/1/", {}, 404, ErrorCode.NOT_FOUND),
        ("GET", "nothing/", {}, 404, ErrorCode.NOT_FOUND),
        ("PATCH", "mlcubes/", {}, 405, ErrorCode.METHOD_NOT_ALLOWED),
        ("POST", "mlcubes/", NO_MEDIA, 415, ErrorCode.NOT_ACCEPTED),
    ],
)
def test_a_refusal_carries_its_code(
    stranger: Person, method: str, path: str, sent: dict[str, Any], status: int, code: ErrorCode
) -> None:
    answer = stranger.call(method, path, **sent)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_who_has_no_token_gets_the_code_for_it(world: World) -> None:
    answer = world.nobody().get("me/")

    assert (answer.status_code, answer.json()["code"]) == (401, ErrorCode.NOT_AUTHENTICATED)
