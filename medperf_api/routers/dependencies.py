"""Who calls, and the transaction their request runs in.

``scope="function"`` ends it before the reply is sent; the default commits after, when a client
may already have missed its own write, or been told of one that then failed.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from medperf_api.contract.base import Wire
from medperf_api.database import Transaction, Transactions
from medperf_api.domain.access import Caller
from medperf_api.domain.versions import ANY_VERSION, Expected
from medperf_api.errors import NotAuthenticated
from medperf_api.identity.tokens import Identity, TokenCheck
from medperf_api.routers.bodies import Body, read_body
from medperf_api.routers.etags import current, expected
from medperf_api.routers.idempotency import AlreadyAnswered, keyed_request
from medperf_api.routers.lists import Asked
from medperf_api.routers.replies import Reply
from medperf_api.routers.request_ids import name_of
from medperf_api.services import idempotency, users
from medperf_api.services.drafts import Draft
from medperf_api.services.idempotency import Answer, KeyedRequest
from medperf_api.services.shapes import WireObject

Model = TypeVar("Model", bound=Wire)


@dataclass(frozen=True, slots=True)
class Reading:
    """A request that changes nothing."""

    caller: Caller
    connection: Transaction


@dataclass(frozen=True, slots=True)
class Writing:
    """A request that may change something; its body is here before the transaction begins."""

    caller: Caller
    connection: Transaction
    body: Body
    expected: Expected

    def draft(self, model: type[Model]) -> Draft[Model]:
        """The body, to be read as ``model`` once its sender is known to be allowed to."""
        return Draft(self.body.content, model, says_json=self.body.says_json)


@dataclass(frozen=True, slots=True)
class Creating(Writing):
    """A request that makes something new, once however often it is sent with one key."""

    asked: KeyedRequest | None

    async def created(self, made: WireObject) -> Reply:
        """The answer, which is kept in the transaction that made what it tells of."""
        reply = current(made, 201)
        if self.asked is not None:
            answer = Answer(reply.status_code, made.tag, bytes(reply.body))
            await idempotency.keep(self.connection, self.asked, answer)
        return reply


async def identify(request: Request) -> Identity:
    """Whose token came with the request."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated()
    check: TokenCheck = request.app.state.token_check
    return await check.identify(token.strip())


async def _reading(request: Request, asked: Asked) -> AsyncIterator[Reading]:
    transactions: Transactions = request.app.state.transactions
    identity = await identify(request)
    async with transactions.reading(searching=asked.searches) as connection:
        caller = await users.known(connection, identity.username)
        if caller is not None:
            request.state.user_id = caller.id
            yield Reading(caller, connection)
            return
    # What was read so far does not hold the new user, so look again.
    caller = await _register(transactions, identity)
    request.state.user_id = caller.id
    async with transactions.reading(searching=asked.searches) as connection:
        yield Reading(caller, connection)


async def _writing(request: Request) -> AsyncIterator[Writing]:
    transactions: Transactions = request.app.state.transactions
    caller, body = await _sent(request)
    versions = expected(request)
    async with transactions.writing() as connection:
        yield Writing(caller, connection, body, versions)


async def _creating(request: Request) -> AsyncIterator[Creating]:
    transactions: Transactions = request.app.state.transactions
    caller, body = await _sent(request)
    asked = keyed_request(request, caller, body.content)
    async with transactions.writing() as connection:
        if asked and (answer := await idempotency.claim(connection, asked)):
            raise AlreadyAnswered(answer)
        yield Creating(caller, connection, body, ANY_VERSION, asked)


async def _sent(request: Request) -> tuple[Caller, Body]:
    caller = await _caller(request.app.state.transactions, await identify(request))
    request.state.user_id = caller.id
    body = await read_body(request, request.app.state.max_body_bytes)
    return replace(caller, request_id=name_of(request)), body


async def _caller(transactions: Transactions, identity: Identity) -> Caller:
    async with transactions.reading() as connection:
        caller = await users.known(connection, identity.username)
    return caller or await _register(transactions, identity)


async def _register(transactions: Transactions, identity: Identity) -> Caller:
    """Its own transaction: a caller stays known when what they asked for is refused."""
    async with transactions.writing() as connection:
        return await users.register(connection, identity.username, identity.email)


Read = Annotated[Reading, Depends(_reading, scope="function")]
Write = Annotated[Writing, Depends(_writing, scope="function")]
Create = Annotated[Creating, Depends(_creating, scope="function")]
