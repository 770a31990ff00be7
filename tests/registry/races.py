"""Many requests at once."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.registry.world import API, Person

# More than either database lets write side by side.
PARALLEL = 25


@dataclass(frozen=True)
class Call:
    """One request; its path is below the API's base."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def all_at_once(person: Person, calls: list[Call]) -> list[httpx.Response]:
    """The answers, in the order of the calls."""

    async def one(call: Call) -> httpx.Response:
        headers = {**person.headers, **call.headers}
        return await person.client.request(
            call.method, API + call.path, json=call.body, headers=headers
        )

    async def send() -> list[httpx.Response]:
        return await asyncio.gather(*(one(call) for call in calls))

    return person.portal.call(send)
