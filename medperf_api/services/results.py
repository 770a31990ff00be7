"""Results: sent by whoever owns the data, and from then on evidence."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.results import ResultCreate, ResultRead, ResultUpdate
from medperf_api.contract.states import Approval
from medperf_api.domain.access import Caller
from medperf_api.domain.editing import differences
from medperf_api.domain.versions import ANY_VERSION, Expected
from medperf_api.errors import Faults
from medperf_api.services import rows
from medperf_api.services.associations import DATASETS, MODELS, newest_status
from medperf_api.services.drafts import Draft
from medperf_api.services.listing import Listing
from medperf_api.services.paging import PageOfRows, page
from medperf_api.services.references import note_missing
from medperf_api.services.shapes import Shape, WireObject, stored
from medperf_api.tables import Benchmark, Cube, Dataset, Result, Table
from medperf_api.tables.base import utc_now

RESULT = Shape(Result, ResultRead)

_results = stored(Result)
_REFERENCES: Mapping[str, type[Table]] = {"benchmark": Benchmark, "model": Cube, "dataset": Dataset}


async def get(connection: AsyncConnection, caller: Caller, result_id: int) -> WireObject:
    """One result, to whoever owns its dataset or its benchmark."""
    result = await rows.one(connection, RESULT, result_id)
    if not caller.is_admin:
        rows.permit(caller, *await _readers(connection, result_id))
    return rows.found(result)


async def _readers(connection: AsyncConnection, result_id: int) -> tuple[int | None, ...]:
    datasets, benchmarks = stored(Dataset), stored(Benchmark)
    query = select(datasets.c.owner, benchmarks.c.owner).where(
        _results.c.id == result_id,
        _results.c.dataset == datasets.c.id,
        _results.c.benchmark == benchmarks.c.id,
    )
    owners = (await connection.execute(query)).first()
    return () if owners is None else tuple(owners)


async def list_all(connection: AsyncConnection, caller: Caller, listing: Listing) -> PageOfRows:
    """Every result, to admins."""
    rows.permit(caller)
    return await page(connection, RESULT, listing)


async def list_owned(connection: AsyncConnection, caller: Caller, listing: Listing) -> PageOfRows:
    """The caller's results."""
    return await page(connection, RESULT, listing, only={"owner": caller.id})


async def list_of_benchmark(
    connection: AsyncConnection, caller: Caller, benchmark_id: int, listing: Listing
) -> PageOfRows:
    """A benchmark's results, to its owner."""
    owner = await rows.owner_by_id(connection, Benchmark, benchmark_id)
    rows.permit(caller, owner)
    rows.found(owner)
    return await page(connection, RESULT, listing, only={"benchmark": benchmark_id})


async def create(
    connection: AsyncConnection, caller: Caller, draft: Draft[ResultCreate]
) -> WireObject:
    """Register a result of an approved model on an approved dataset."""
    rows.permit(caller, await rows.owner_by_id(connection, Dataset, draft.peek_id("dataset")))
    result = draft.read()
    values = dict(result)
    faults = Faults()
    await note_missing(connection, faults, _REFERENCES, values)
    faults.refuse()
    await _refuse_unapproved(connection, result)
    approval = {"approval_status": Approval.PENDING, "approved_at": None}
    return await rows.add(connection, caller, RESULT, {**values, **approval, "owner": caller.id})


async def update(
    connection: AsyncConnection,
    caller: Caller,
    result_id: int,
    draft: Draft[ResultUpdate],
    expected: Expected = ANY_VERSION,
) -> WireObject:
    """Change what is said about a result, never what it is."""
    rows.permit(caller)
    result = rows.found(await rows.locked(connection, Result, result_id))
    expected.refuse_unless_current(result)
    changes = differences(result, draft.read().changes())
    if "approval_status" in changes:
        decided = changes["approval_status"] is not Approval.PENDING
        changes["approved_at"] = utc_now() if decided else None
    return await rows.change(connection, caller, RESULT, result, changes)


async def delete(
    connection: AsyncConnection, caller: Caller, result_id: int, expected: Expected = ANY_VERSION
) -> None:
    """Delete a result."""
    await rows.remove_one(connection, caller, Result, result_id, expected)


async def _refuse_unapproved(connection: AsyncConnection, result: ResultCreate) -> None:
    faults = Faults()
    if not await _is_model_of(connection, result.model, result.benchmark):
        faults.add(_unapproved("model"), code=ErrorCode.NOT_READY)
    dataset = await newest_status(connection, DATASETS, result.dataset, result.benchmark)
    if dataset is not Approval.APPROVED:
        faults.add(_unapproved("dataset"), code=ErrorCode.NOT_READY)
    faults.refuse()


def _unapproved(noun: str) -> str:
    return f"The benchmark has not approved this {noun}, or no longer does; ask for an association."


async def _is_model_of(connection: AsyncConnection, model: int, benchmark: int) -> bool:
    columns = stored(Benchmark).c
    if await rows.exists_where(
        connection, columns.id == benchmark, columns.reference_model_mlcube == model
    ):
        return True
    return await newest_status(connection, MODELS, model, benchmark) is Approval.APPROVED
