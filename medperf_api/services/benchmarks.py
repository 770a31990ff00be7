"""Benchmarks: proposed by anybody, one at a time, and approved by admins."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from medperf_api.contract.benchmarks import (
    CUBE_FIELDS,
    EDITABLE_IN_OPERATION,
    BenchmarkCreate,
    BenchmarkRead,
    BenchmarkUpdate,
)
from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.states import Approval, State
from medperf_api.domain.access import Caller
from medperf_api.domain.approval import benchmark_fault
from medperf_api.domain.editing import differences, frozen_faults
from medperf_api.domain.versions import ANY_VERSION, Expected
from medperf_api.errors import Fault, Faults, Invalid
from medperf_api.services import rows
from medperf_api.services.drafts import Draft
from medperf_api.services.listing import Listing
from medperf_api.services.paging import PageOfRows, page
from medperf_api.services.references import note_missing
from medperf_api.services.shapes import Shape, WireObject, stored
from medperf_api.tables import Benchmark, Cube
from medperf_api.tables.base import utc_now

BENCHMARK = Shape(Benchmark, BenchmarkRead)

_benchmarks = stored(Benchmark)
_cubes = stored(Cube)
_REFERENCES = dict.fromkeys(CUBE_FIELDS, Cube)


async def get(connection: AsyncConnection, benchmark_id: int) -> WireObject:
    """One benchmark."""
    return await rows.by_id(connection, BENCHMARK, benchmark_id)


async def list_all(connection: AsyncConnection, listing: Listing) -> PageOfRows:
    """Every benchmark."""
    return await page(connection, BENCHMARK, listing)


async def list_owned(connection: AsyncConnection, caller: Caller, listing: Listing) -> PageOfRows:
    """The caller's benchmarks."""
    return await page(connection, BENCHMARK, listing, only={"owner": caller.id})


async def create(
    connection: AsyncConnection, caller: Caller, draft: Draft[BenchmarkCreate]
) -> WireObject:
    """Propose a benchmark, which an admin then decides about."""
    values = dict(draft.read())
    faults = Faults()
    await rows.note_taken(connection, faults, Benchmark, "name", values["name"])
    await note_missing(connection, faults, _REFERENCES, values)
    faults.refuse()
    await _refuse_second_pending(connection, caller)
    await _refuse_unready(connection, values)
    approval = {"approval_status": Approval.PENDING, "approved_at": None}
    return await rows.add(connection, caller, BENCHMARK, {**values, **approval, "owner": caller.id})


async def update(
    connection: AsyncConnection,
    caller: Caller,
    benchmark_id: int,
    draft: Draft[BenchmarkUpdate],
    expected: Expected = ANY_VERSION,
) -> WireObject:
    """Change what is named; the approval is an admin's to change."""
    benchmark = await rows.locked(connection, Benchmark, benchmark_id)
    rows.permit(caller, rows.owner_of(benchmark))
    benchmark = rows.found(benchmark)
    if "approval_status" in draft:
        rows.permit(caller)
    expected.refuse_unless_current(benchmark)
    named = draft.read().changes()
    changes = differences(benchmark, named)
    faults = Faults()
    faults.found.extend(_update_faults(benchmark, changes))
    if "name" in changes:
        await rows.note_taken(
            connection, faults, Benchmark, "name", changes["name"], but=benchmark_id
        )
    await note_missing(connection, faults, _REFERENCES, changes)
    faults.refuse()
    await _refuse_unready(connection, {**benchmark, **changes})
    if "approval_status" in changes:
        changes["approved_at"] = utc_now()
    return await rows.change(connection, caller, BENCHMARK, benchmark, changes)


async def delete(
    connection: AsyncConnection, caller: Caller, benchmark_id: int, expected: Expected = ANY_VERSION
) -> None:
    """Delete a benchmark that nothing refers to."""
    await rows.remove_one(connection, caller, Benchmark, benchmark_id, expected)


def _update_faults(
    benchmark: Mapping[str, object], changes: Mapping[str, object]
) -> Iterable[Fault]:
    if benchmark["state"] is State.OPERATION:
        yield from frozen_faults(changes, EDITABLE_IN_OPERATION)
    wanted, seen = changes.get("approval_status"), benchmark["approval_status"]
    if isinstance(wanted, Approval) and isinstance(seen, Approval):
        fault = benchmark_fault(seen, wanted)
        if fault:
            yield fault


async def _refuse_second_pending(connection: AsyncConnection, caller: Caller) -> None:
    if await rows.exists_where(
        connection,
        _benchmarks.c.owner == caller.id,
        _benchmarks.c.approval_status == Approval.PENDING,
    ):
        raise Invalid(
            Fault(
                "You own a benchmark that is still pending, and only one at a time can be; "
                "an admin decides about it.",
                code=ErrorCode.NOT_UNIQUE,
            )
        )


async def _refuse_unready(connection: AsyncConnection, benchmark: Mapping[str, object]) -> None:
    if benchmark["state"] is not State.OPERATION:
        return
    numbers = {benchmark[name] for name in CUBE_FIELDS}
    in_development = select(_cubes.c.id).where(
        _cubes.c.id.in_(numbers), _cubes.c.state != State.OPERATION
    )
    if unready := (await connection.scalars(in_development.order_by(_cubes.c.id))).all():
        raise Invalid(
            Fault(
                "A benchmark in operation needs its three cubes in operation. In development "
                f"still: {', '.join(map(str, unready))}.",
                code=ErrorCode.NOT_READY,
            )
        )
