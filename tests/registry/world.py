"""A registry in this process, and the people who call it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import orjson
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

from medperf_api.contract.associations import (
    DatasetAssociationCreate,
    ModelAssociationCreate,
    ModelAssociationUpdate,
)
from medperf_api.contract.base import Wire
from medperf_api.contract.benchmarks import BenchmarkCreate, BenchmarkUpdate
from medperf_api.contract.cubes import CubeCreate
from medperf_api.contract.datasets import DatasetCreate, DatasetUpdate
from medperf_api.database import Transaction
from medperf_api.domain.access import Caller
from medperf_api.services import associations, benchmarks, cubes, datasets, users
from medperf_api.services.associations import DATASETS, MODELS, Side
from medperf_api.services.drafts import Draft
from medperf_api.services.shapes import WireObject
from tests.registry.bodies import benchmark_body, cube_body, dataset_body
from tests.registry.tokens import token_for

BASE = "http://registry.test"
API = "/api/v0/"

Body = dict[str, Any]
Made = TypeVar("Made")
Model = TypeVar("Model", bound=Wire)


@dataclass(frozen=True)
class Person:
    """Somebody with a token; paths are below the API's base."""

    portal: BlockingPortal
    client: httpx.AsyncClient
    headers: dict[str, str]
    name: str = ""

    def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """One request."""
        url = path if path.startswith("/") else API + path
        headers = {**self.headers, **kwargs.pop("headers", {})}

        async def send() -> httpx.Response:
            return await self.client.request(method, url, headers=headers, **kwargs)

        return self.portal.call(send)

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Read."""
        return self.call("GET", path, params=params or None)

    def post(self, path: str, body: Any) -> httpx.Response:
        """Create."""
        return self.call("POST", path, json=body)

    def put(self, path: str, body: Any) -> httpx.Response:
        """Change."""
        return self.call("PUT", path, json=body)

    def delete(self, path: str) -> httpx.Response:
        """Delete."""
        return self.call("DELETE", path)

    def make(self, path: str, body: Any) -> Body:
        """Create what must be possible."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        made: Body = answer.json()
        return made

    def change(self, path: str, **changes: Any) -> Body:
        """Change what must be changeable."""
        answer = self.put(path, changes)
        assert answer.status_code == 200, answer.text
        changed: Body = answer.json()
        return changed

    def read(self, path: str, **params: Any) -> Any:
        """Read what must be there."""
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def id(self) -> int:
        """Their number."""
        number: int = self.read("me/")["id"]
        return number


class World:
    """One registry: people by name, and objects that take several steps to make."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self.app = app
        self.portal = portal
        transport = httpx.ASGITransport(app)
        self.client = httpx.AsyncClient(transport=transport, base_url=BASE)

    def person(self, name: str) -> Person:
        """Whoever comes with a valid token of this name."""
        return self.with_token(token_for(name), name)

    def with_token(self, token: str, name: str = "") -> Person:
        """Whoever comes with this token."""
        return Person(self.portal, self.client, {"Authorization": f"Bearer {token}"}, name)

    def nobody(self) -> Person:
        """Somebody without a token."""
        return Person(self.portal, self.client, {})

    def admin(self) -> Person:
        """An admin."""
        admin = self.person("admin")

        async def promote(connection: Transaction) -> None:
            await known(connection, admin)
            await users.make_admin(connection, "admin@example.com", may_create=False)

        self._at_once(promote)
        return admin

    def deactivate(self, email: str) -> None:
        """Shut somebody out, as the operator would."""
        self._at_once(lambda connection: users.deactivate(connection, email))

    def cube(self, owner: Person, **changes: Any) -> int:
        """A cube in operation."""
        return self._at_once(lambda connection: make_cube(connection, owner, **changes))

    def dataset(self, owner: Person, preparation: int, **changes: Any) -> int:
        """A dataset in operation."""
        return self._at_once(
            lambda connection: make_dataset(connection, owner, preparation, **changes)
        )

    def benchmark(self, owner: Person, *, approved: bool = True, **changes: Any) -> Body:
        """A benchmark in operation with cubes of its owner."""
        if approved:
            self.admin()

        async def make(connection: Transaction) -> Body:
            made = [await make_cube(connection, owner) for _ in range(3)]
            draft = draft_of(BenchmarkCreate, benchmark_body(*made, state="OPERATION", **changes))
            who = await known(connection, owner)
            row = await benchmarks.create(connection, who, draft)
            if approved:
                decision = draft_of(BenchmarkUpdate, {"approval_status": "APPROVED"})
                admin = await known(connection, self.person("admin"))
                row = await benchmarks.update(connection, admin, number_of(row), decision)
            body: Body = orjson.loads(orjson.dumps(row.fields))
            return body

        return self._at_once(make)

    def joined_dataset(self, owner: Person, benchmark: Body, benchmark_owner: Person) -> int:
        """A dataset that a benchmark accepted."""

        async def make(connection: Transaction) -> int:
            preparation = benchmark["data_preparation_mlcube"]
            number = await make_dataset(connection, owner, preparation)
            await join(connection, DATASETS, number, benchmark["id"], owner, benchmark_owner)
            return number

        return self._at_once(make)

    def joined_model(self, owner: Person, benchmark: Body, benchmark_owner: Person) -> int:
        """A model that a benchmark accepted."""

        async def make(connection: Transaction) -> int:
            number = await make_cube(connection, owner)
            await join(connection, MODELS, number, benchmark["id"], owner, benchmark_owner)
            return number

        return self._at_once(make)

    def _at_once(self, work: Callable[[Transaction], Awaitable[Made]]) -> Made:
        """In one transaction and without HTTP, because preparing is most of what tests do."""

        async def run() -> Made:
            async with self.app.state.transactions.writing() as connection:
                return await work(connection)

        return self.portal.call(run)


def draft_of(model: type[Model], body: Body) -> Draft[Model]:
    """A body as it arrives."""
    return Draft(orjson.dumps(body), model)


def number_of(made: WireObject) -> int:
    """The number of what was just made."""
    return int(str(made.fields["id"]))


async def known(connection: Transaction, person: Person) -> Caller:
    """The person as the registry knows them, as after a first call."""
    return await users.register(connection, person.name, f"{person.name}@example.com")


async def make_cube(connection: Transaction, owner: Person, **changes: Any) -> int:
    """A cube in operation."""
    draft = draft_of(CubeCreate, cube_body(**{"state": "OPERATION", **changes}))
    return number_of(await cubes.create(connection, await known(connection, owner), draft))


async def make_dataset(
    connection: Transaction, owner: Person, preparation: int, **changes: Any
) -> int:
    """A dataset in operation."""
    who = await known(connection, owner)
    draft = draft_of(DatasetCreate, dataset_body(preparation, **changes))
    number = number_of(await datasets.create(connection, who, draft))
    operation = draft_of(DatasetUpdate, {"state": "OPERATION"})
    await datasets.update(connection, who, number, operation)
    return number


async def join(
    connection: Transaction,
    side: Side,
    subject: int,
    benchmark: int,
    asker: Person,
    decider: Person,
) -> None:
    """One side asks and the other approves."""
    body = {side.field: subject, "benchmark": benchmark, "metadata": {}}
    create = DatasetAssociationCreate if side is DATASETS else ModelAssociationCreate
    await associations.request(
        connection, await known(connection, asker), side, draft_of(create, body)
    )
    decision = draft_of(ModelAssociationUpdate, {"approval_status": "APPROVED"})
    who = await known(connection, decider)
    await associations.decide(connection, who, side, subject, benchmark, decision)
