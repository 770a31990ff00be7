"""Answers kept for a day, so that a client may repeat a request whose answer it never got.

A key is claimed before the request is carried out, in the same transaction: who repeats it
meanwhile waits for that transaction, and finds its answer, or nothing when it was undone.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Insert, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from medperf_api.domain.access import Caller
from medperf_api.errors import KeyReused
from medperf_api.services.shapes import stored
from medperf_api.tables import IdempotencyKey
from medperf_api.tables.base import utc_now

KEPT_FOR = timedelta(hours=24)

# So that no one request pays for the forgotten ones of a busy day.
SWEPT_AT_ONCE = 100

_keys = stored(IdempotencyKey)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and the word for the version of what was made."""

    status: int
    tag: str
    body: bytes


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A caller's key, and a digest of all that the request it came with asks for."""

    caller: Caller
    key: str
    fingerprint: str

    @property
    def is_mine(self) -> ColumnElement[bool]:
        """The row of this caller's key."""
        return (_keys.c.caller == self.caller.id) & (_keys.c.key == self.key)


async def claim(connection: AsyncConnection, asked: KeyedRequest) -> Answer | None:
    """The answer given before; None when the key is free, and then it is taken.

    Raises: KeyReused, when the key came with another request.
    """
    if await connection.scalar(_claim(connection.dialect.name, asked)):
        return None
    kept = (await connection.execute(select(_keys).where(asked.is_mine))).one()
    if kept.fingerprint != asked.fingerprint:
        raise KeyReused()
    return Answer(kept.status, kept.tag, kept.body)


def _claim(dialect: str, asked: KeyedRequest) -> Insert:
    """Takes a key that is free or expired; gives back nothing when it is neither."""
    now = utc_now()
    fresh = {
        "fingerprint": asked.fingerprint,
        "created_at": now,
        "status": None,
        "tag": None,
        "body": None,
    }
    unique = [_keys.c.caller, _keys.c.key]
    row = {"caller": asked.caller.id, "key": asked.key, **fresh}
    is_expired = _keys.c.created_at <= now - KEPT_FOR
    if dialect == "postgresql":
        taken = postgresql.insert(_keys).values(**row)
        return taken.on_conflict_do_update(
            index_elements=unique, set_=fresh, where=is_expired
        ).returning(_keys.c.caller)
    kept = sqlite.insert(_keys).values(**row)
    return kept.on_conflict_do_update(
        index_elements=unique, set_=fresh, where=is_expired
    ).returning(_keys.c.caller)


async def keep(connection: AsyncConnection, asked: KeyedRequest, answer: Answer) -> None:
    """Keep the answer under the claimed key, and forget some that are a day old."""
    await connection.execute(
        update(_keys)
        .where(asked.is_mine)
        .values(status=answer.status, tag=answer.tag, body=answer.body)
    )
    await _sweep(connection)


async def _sweep(connection: AsyncConnection) -> None:
    """Forget expired keys, but not those that somebody else is just taking or forgetting."""
    key = tuple_(_keys.c.caller, _keys.c.key)
    expired = (
        select(_keys.c.caller, _keys.c.key)
        .where(_keys.c.created_at <= utc_now() - KEPT_FOR)
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await connection.execute(delete(_keys).where(key.in_(expired)))
