"""Answers that are given again when a client repeats a request it got no answer to."""

from datetime import datetime

from sqlalchemy import CHAR
from sqlmodel import Field

from medperf_api.contract.base import NAME_LENGTH
from medperf_api.tables.base import Stored
from medperf_api.tables.columns import Moment

FINGERPRINT_LENGTH = 64


class IdempotencyKey(Stored, table=True):
    """A caller's key, the request it came with, and the answer that was given."""

    __tablename__ = "idempotency_keys"

    caller: int = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    key: str = Field(max_length=NAME_LENGTH, primary_key=True)
    fingerprint: str = Field(sa_type=CHAR(FINGERPRINT_LENGTH))
    created_at: datetime = Field(sa_type=Moment, nullable=False, index=True)
    # Empty while the request is being answered, which nobody outside its transaction sees.
    status: int | None
    tag: str | None = Field(max_length=NAME_LENGTH)
    body: bytes | None
