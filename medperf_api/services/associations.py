"""Associations of datasets and models with benchmarks: asked for by one side, decided by the other.

Each is a row of history, and the newest of a pair counts. The row of the dataset or model is
locked first, so that of two requests for one pair the second sees what the first did.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement, Select

from medperf_api.contract.associations import (
    DatasetAssociationCreate,
    DatasetAssociationEntry,
    DatasetAssociationRead,
    DatasetAssociationUpdate,
    ModelAssociationCreate,
    ModelAssociationEntry,
    ModelAssociationRead,
    ModelAssociationUpdate,
)
from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.states import Approval, State
from medperf_api.domain.access import Caller
from medperf_api.domain.approval import decision_fault, first_status, start_fault
from medperf_api.domain.editing import differences
from medperf_api.domain.versions import ANY_VERSION, Expected, tag_of
from medperf_api.errors import Fault, Faults, Invalid
from medperf_api.services import rows
from medperf_api.services.drafts import Draft
from medperf_api.services.listing import Listing
from medperf_api.services.paging import PageOfRows, page
from medperf_api.services.references import missing_text
from medperf_api.services.rows import StoredRow
from medperf_api.services.shapes import Shape, WireObject, WireRow, stored
from medperf_api.tables import Benchmark, Cube, Dataset, DatasetAssociation, ModelAssociation
from medperf_api.tables.base import utc_now

RequestDraft = Draft[DatasetAssociationCreate] | Draft[ModelAssociationCreate]
DecisionDraft = Draft[DatasetAssociationUpdate] | Draft[ModelAssociationUpdate]

_benchmarks = stored(Benchmark)

# Stands for the newest association of a pair that has none.
NO_ASSOCIATION = {"id": 0, "version": 0}
NO_HISTORY = tag_of(NO_ASSOCIATION)


@dataclass(frozen=True, slots=True)
class Side:
    """What joins a benchmark: its table, the field that names it, and its history's shapes."""

    noun: str
    field: str
    subject: type[Dataset | Cube]
    history: type[DatasetAssociation | ModelAssociation]
    full: Shape
    entry: Shape

    def pair(self, subject_id: int, benchmark_id: int) -> tuple[ColumnElement[bool], ...]:
        """The history of one pair."""
        columns = self.full.table.c
        return columns[self.field] == subject_id, columns.benchmark == benchmark_id


DATASETS = Side(
    "dataset",
    "dataset",
    Dataset,
    DatasetAssociation,
    Shape(DatasetAssociation, DatasetAssociationRead),
    Shape(DatasetAssociation, DatasetAssociationEntry),
)
MODELS = Side(
    "model",
    "model_mlcube",
    Cube,
    ModelAssociation,
    Shape(ModelAssociation, ModelAssociationRead),
    Shape(ModelAssociation, ModelAssociationEntry),
)


async def newest_status(
    connection: AsyncConnection, side: Side, subject_id: int, benchmark_id: int
) -> Approval | None:
    """Where a pair stands; None when they never had to do with each other."""
    newest = await _newest(connection, side, subject_id, benchmark_id)
    return None if newest is None else newest["approval_status"]


async def _newest(
    connection: AsyncConnection, side: Side, subject_id: int, benchmark_id: int
) -> StoredRow | None:
    return await rows.first(connection, _newest_query(side, subject_id, benchmark_id))


def _newest_query(side: Side, subject_id: int, benchmark_id: int) -> Select[Any]:
    history = side.full.table
    return (
        select(history)
        .where(*side.pair(subject_id, benchmark_id))
        .order_by(history.c.created_at.desc(), history.c.id.desc())
        .limit(1)
    )


async def _newest_locked(
    connection: AsyncConnection, side: Side, subject_id: int, benchmark_id: int
) -> StoredRow | None:
    """The newest row of a pair, which nobody else decides about until this transaction ends."""
    query = _newest_query(side, subject_id, benchmark_id)
    return await rows.first(connection, query.with_for_update(key_share=True))


def is_newest(side: Side) -> ColumnElement[bool]:
    """Rows after which their pair has no other."""
    this, later = side.full.table, side.full.table.alias("later")
    is_later = tuple_(later.c.created_at, later.c.id) > tuple_(this.c.created_at, this.c.id)
    same_pair = (
        later.c[side.field] == this.c[side.field],
        later.c.benchmark == this.c.benchmark,
    )
    return ~exists().where(*same_pair, is_later).correlate(this)


async def list_of_caller(
    connection: AsyncConnection, caller: Caller, side: Side, listing: Listing
) -> PageOfRows:
    """Every association one of whose sides is the caller's."""
    columns, subjects = side.full.table.c, stored(side.subject)
    mine = or_(
        columns[side.field].in_(select(subjects.c.id).where(subjects.c.owner == caller.id)),
        columns.benchmark.in_(select(_benchmarks.c.id).where(_benchmarks.c.owner == caller.id)),
    )
    return await page(connection, side.full, listing, mine)


@dataclass(frozen=True, slots=True)
class History:
    """Every association of a pair, oldest first, and the word for its version, if it has any."""

    entries: list[WireRow]
    tag: str


async def history(
    connection: AsyncConnection, caller: Caller, side: Side, subject_id: int, benchmark_id: int
) -> History:
    """The history of a pair, to the owner of either.

    Only its newest row ever changes, so the version of that is the version of all.
    """
    await _permit_pair(connection, caller, side, subject_id, benchmark_id)
    shape, columns = side.entry, side.entry.table.c
    query = select(*shape.tagged_columns).where(*side.pair(subject_id, benchmark_id))
    found = await connection.execute(query.order_by(columns.created_at, columns.id))
    entries = [shape.write_tagged(row) for row in found]
    tag = entries[-1].tag if entries else NO_HISTORY
    return History([entry.fields for entry in entries], tag)


async def request(
    connection: AsyncConnection, caller: Caller, side: Side, draft: RequestDraft
) -> WireObject:
    """Ask for an association of a pair, or withdraw an approved one."""
    subject = await rows.locked(connection, side.subject, draft.peek_id(side.field))
    benchmark = await rows.by_number(connection, Benchmark, draft.peek_id("benchmark"))
    rows.permit(caller, rows.owner_of(subject), rows.owner_of(benchmark))
    values = dict(draft.read())
    faults = Faults()
    for name, row in ((side.field, subject), ("benchmark", benchmark)):
        if row is None:
            faults.add(missing_text(values[name]), name, ErrorCode.NOT_FOUND)
    faults.refuse()
    return await _add(connection, caller, side, rows.found(subject), rows.found(benchmark), values)


async def _add(
    connection: AsyncConnection,
    caller: Caller,
    side: Side,
    subject: StoredRow,
    benchmark: StoredRow,
    values: dict[str, object],
) -> WireObject:
    wanted = Approval(str(values["approval_status"]))
    newest = await newest_status(connection, side, subject["id"], benchmark["id"])
    faults = Faults([*_unready(side, subject, benchmark)])
    if fault := start_fault(newest, wanted):
        faults.found.append(fault)
    faults.refuse()
    status = first_status(wanted, subject["owner"] == benchmark["owner"])
    decided = {} if status is Approval.PENDING else {"approved_at": utc_now()}
    row = {**values, **decided, "approval_status": status, "initiated_by": caller.id}
    return await rows.add(connection, caller, side.full, row)


def _unready(side: Side, subject: StoredRow, benchmark: StoredRow) -> Iterator[Fault]:
    if benchmark["approval_status"] is not Approval.APPROVED:
        yield Fault(
            "Only an approved benchmark can be joined, and this is "
            f"{benchmark['approval_status']}.",
            code=ErrorCode.NOT_READY,
        )
    if subject["state"] is not State.OPERATION:
        yield Fault(
            f"The {side.noun} is still in development; its owner sets its state to OPERATION.",
            code=ErrorCode.NOT_READY,
        )
    preparation = "data_preparation_mlcube"
    if preparation in subject and subject[preparation] != benchmark[preparation]:
        yield Fault(
            "The dataset was not prepared by the benchmark's data preparation cube, "
            f"which is number {benchmark[preparation]}.",
            code=ErrorCode.NOT_READY,
        )


async def decide(
    connection: AsyncConnection,
    caller: Caller,
    side: Side,
    subject_id: int,
    benchmark_id: int,
    draft: DecisionDraft,
    expected: Expected = ANY_VERSION,
) -> WireObject:
    """Approve or reject the newest association of a pair, or set a model's priority.

    Of two people deciding at once the second sees what the first decided.
    """
    await _permit_pair(connection, caller, side, subject_id, benchmark_id)
    newest = await _newest_locked(connection, side, subject_id, benchmark_id)
    expected.refuse_unless_current(newest or NO_ASSOCIATION)
    named = draft.read().changes()
    if newest is None:
        raise Invalid(
            Fault("There is no association of these two; ask for one.", code=ErrorCode.NOT_READY)
        )
    if "approval_status" in named:
        own_request = newest["initiated_by"] == caller.id
        fault = decision_fault(newest["approval_status"], named["approval_status"], own_request)
        if fault:
            raise Invalid(fault)
        named["approved_at"] = utc_now()
    return await rows.change(connection, caller, side.full, newest, differences(newest, named))


async def delete(
    connection: AsyncConnection,
    caller: Caller,
    side: Side,
    subject_id: int,
    benchmark_id: int,
    expected: Expected = ANY_VERSION,
) -> None:
    """Delete the whole history of a pair."""
    rows.permit(caller)
    newest = rows.found(await _newest_locked(connection, side, subject_id, benchmark_id))
    expected.refuse_unless_current(newest)
    await rows.remove(connection, caller, side.history, *side.pair(subject_id, benchmark_id))


async def _permit_pair(
    connection: AsyncConnection, caller: Caller, side: Side, subject_id: int, benchmark_id: int
) -> None:
    subjects = stored(side.subject).c
    query = select(
        select(subjects.owner).where(subjects.id == subject_id).scalar_subquery(),
        select(_benchmarks.c.owner).where(_benchmarks.c.id == benchmark_id).scalar_subquery(),
    )
    owners = (await connection.execute(query)).one()
    rows.permit(caller, *owners)
    for owner in owners:
        rows.found(owner)
