"""What people decided about each other. The database itself refuses to change or delete it."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from medperf_api.contract.audit import AuditAction, AuditedType
from medperf_api.contract.base import NAME_LENGTH
from medperf_api.tables.base import NEVER_REUSED, Stored
from medperf_api.tables.columns import JsonDocument, Moment, by_value


def _history_of(noun: str) -> Index:
    """Finds the history of one object; most entries are in no such history."""
    belongs = text(f"{noun} IS NOT NULL")
    return Index(None, noun, "id", sqlite_where=belongs, postgresql_where=belongs)


class AuditEntry(Stored, table=True):
    """One entry. It refers to nothing, for it outlives what it is about."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "actor", "id"),
        Index(None, "object_type", "object_id", "id"),
        _history_of("mlcube"),
        _history_of("dataset"),
        _history_of("benchmark"),
        NEVER_REUSED,
    )

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(sa_type=Moment, nullable=False)
    actor: int | None
    request_id: str = Field(max_length=NAME_LENGTH)
    action: AuditAction = Field(sa_type=by_value(AuditAction, "action"))
    object_type: AuditedType = Field(sa_type=by_value(AuditedType, "object_type"))
    object_id: int
    mlcube: int | None
    dataset: int | None
    benchmark: int | None
    field: str = Field(max_length=NAME_LENGTH)
    old: object = Field(sa_type=JsonDocument)
    new: object = Field(sa_type=JsonDocument)
