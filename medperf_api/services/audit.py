"""Reading the audit table: all of it, or the history of one object."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from medperf_api.contract.audit import AuditedType, AuditEntryRead
from medperf_api.domain.access import Caller
from medperf_api.services import rows
from medperf_api.services.listing import Listing
from medperf_api.services.paging import PageOfRows, page
from medperf_api.services.shapes import Shape, stored
from medperf_api.tables import AuditEntry, Benchmark, Cube, Dataset, Result

ENTRY = Shape(AuditEntry, AuditEntryRead)

_audit = stored(AuditEntry)
# Entries are numbered as they are written.
_OLDEST_FIRST = (_audit.c.id.asc(),)


@dataclass(frozen=True, slots=True)
class Subject:
    """Objects that have a history, and the entries that are in that of one of them."""

    table: type[Cube | Dataset | Benchmark | Result]
    number: ColumnElement[int | None]
    others: tuple[ColumnElement[bool], ...] = ()


CUBES = Subject(Cube, _audit.c.mlcube)
DATASETS = Subject(Dataset, _audit.c.dataset)
BENCHMARKS = Subject(Benchmark, _audit.c.benchmark)
RESULTS = Subject(Result, _audit.c.object_id, (_audit.c.object_type == AuditedType.RESULT,))


async def list_all(connection: AsyncConnection, caller: Caller, listing: Listing) -> PageOfRows:
    """Every entry, to admins."""
    rows.permit(caller)
    return await page(connection, ENTRY, listing, order=_OLDEST_FIRST)


async def history(
    connection: AsyncConnection, caller: Caller, subject: Subject, number: int, listing: Listing
) -> PageOfRows:
    """What was decided about one object, and about what joined it, to its owner."""
    owner = await rows.owner_by_id(connection, subject.table, number)
    rows.permit(caller, owner)
    rows.found(owner)
    about_it = (subject.number == number, *subject.others)
    return await page(connection, ENTRY, listing, *about_it, order=_OLDEST_FIRST)
