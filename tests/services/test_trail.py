"""Nothing that people decide about each other is left out of the audit table."""

from sqlalchemy import Enum

from medperf_api.contract.audit import AUDITED_FIELDS, AuditedType
from medperf_api.services.trail import TYPES
from medperf_api.tables import Table


def tables() -> list[type[Table]]:
    found, waiting = [], [Table]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if hasattr(kind, "__table__"):
            found.append(kind)
    return found


def test_every_object_has_a_word_in_the_audit_table() -> None:
    assert {kind.__table__ for kind in tables()} == set(TYPES)
    assert set(TYPES.values()) == set(AuditedType)


def test_every_state_is_audited_and_every_audited_field_is_somewhere() -> None:
    columns = [column for kind in tables() for column in kind.__table__.columns]

    assert {column.name for column in columns if isinstance(column.type, Enum)} <= AUDITED_FIELDS
    assert {column.name for column in columns} >= AUDITED_FIELDS
