"""Writes the audit table, in the transaction of the change itself.

:mod:`medperf_api.services.rows` calls it for every row it writes, so that no service can forget.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from medperf_api.contract.audit import AUDITED_FIELDS, AuditAction, AuditedType
from medperf_api.domain.access import OPERATOR, Caller
from medperf_api.services.shapes import stored
from medperf_api.tables import (
    AuditEntry,
    Benchmark,
    Cube,
    Dataset,
    DatasetAssociation,
    ModelAssociation,
    Result,
    User,
)
from medperf_api.tables.base import utc_now

_audit = stored(AuditEntry)

TYPES: Mapping[Table, AuditedType] = {
    stored(User): AuditedType.USER,
    stored(Cube): AuditedType.CUBE,
    stored(Dataset): AuditedType.DATASET,
    stored(Benchmark): AuditedType.BENCHMARK,
    stored(Result): AuditedType.RESULT,
    stored(DatasetAssociation): AuditedType.DATASET_ASSOCIATION,
    stored(ModelAssociation): AuditedType.MODEL_ASSOCIATION,
}

# In whose histories an entry is: the column of the audit table, and the row's that it takes.
# A result is in none of these: a benchmark has too many of them.
_HISTORIES: Mapping[AuditedType, Mapping[str, str]] = {
    AuditedType.USER: {},
    AuditedType.CUBE: {"mlcube": "id"},
    AuditedType.DATASET: {"dataset": "id"},
    AuditedType.BENCHMARK: {"benchmark": "id"},
    AuditedType.RESULT: {},
    AuditedType.DATASET_ASSOCIATION: {"dataset": "dataset", "benchmark": "benchmark"},
    AuditedType.MODEL_ASSOCIATION: {"mlcube": "model_mlcube", "benchmark": "benchmark"},
}

_Entry = dict[str, Any]


async def record_added(
    connection: AsyncConnection, caller: Caller, table: Table, row: Mapping[str, Any]
) -> None:
    """Note that ``row`` began, and with what."""
    entry = _entry(caller, table, row, AuditAction.CREATED)
    await _write(connection, [{**entry, "new": _audited(row)}])


async def record_changed(
    connection: AsyncConnection,
    caller: Caller,
    table: Table,
    seen: Mapping[str, Any],
    changes: Mapping[str, object],
) -> None:
    """Note each audited field among ``changes``, with what it was in the row ``seen``."""
    named = sorted(AUDITED_FIELDS & changes.keys())
    if named:
        entry = _entry(caller, table, seen, AuditAction.CHANGED)
        values = ({"field": name, "old": seen[name], "new": changes[name]} for name in named)
        await _write(connection, [{**entry, **value} for value in values])


async def record_removed(
    connection: AsyncConnection, caller: Caller, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Note that ``rows`` are gone, and what they were."""
    entries = (
        {**_entry(caller, table, row, AuditAction.DELETED), "old": _audited(row)} for row in rows
    )
    await _write(connection, list(entries))


def _entry(caller: Caller, table: Table, row: Mapping[str, Any], action: AuditAction) -> _Entry:
    kind = TYPES[table]
    return {
        "created_at": utc_now(),
        "actor": None if caller == OPERATOR else caller.id,
        "request_id": caller.request_id,
        "action": action,
        "object_type": kind,
        "object_id": row["id"],
        "mlcube": None,
        "dataset": None,
        "benchmark": None,
        **{column: row[name] for column, name in _HISTORIES[kind].items()},
        "field": "",
        "old": None,
        "new": None,
    }


def _audited(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in sorted(AUDITED_FIELDS & row.keys())}


async def _write(connection: AsyncConnection, entries: list[_Entry]) -> None:
    await connection.execute(insert(_audit), entries)
