"""Reading, adding, changing and deleting one row, and the refusals that come with it.

What is written here is noted in the audit table, and the row's version counted up.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement, Select, exists, select

from medperf_api.contract.errors import ErrorCode
from medperf_api.domain.access import Caller, may_act_for
from medperf_api.domain.versions import Expected
from medperf_api.errors import Faults, InUse, NotFound, NotPermitted, Stale
from medperf_api.services import trail
from medperf_api.services.shapes import Shape, WireObject, stored
from medperf_api.tables import Table
from medperf_api.tables.base import utc_now

T = TypeVar("T")

# A row as it is stored, by column.
StoredRow = Mapping[str, Any]


def permit(caller: Caller, *owners: int | None) -> None:
    """Refuse whoever is neither admin nor among ``owners``."""
    if not may_act_for(caller, *owners):
        raise NotPermitted()


def found(row: T | None) -> T:
    """``row``, or a refusal where there is none."""
    if row is None:
        raise NotFound()
    return row


async def first(connection: AsyncConnection, query: Select[Any]) -> StoredRow | None:
    """The first row of a query."""
    row = (await connection.execute(query)).first()
    return None if row is None else row._asdict()


async def by_number(
    connection: AsyncConnection, table: type[Table], number: int | None
) -> StoredRow | None:
    """A row by its number."""
    rows = stored(table)
    query = select(rows).where(rows.c.id == number)
    return await first(connection, query)


async def locked(
    connection: AsyncConnection, table: type[Table], number: int | None
) -> StoredRow | None:
    """A row by its number, which nobody else changes until this transaction ends."""
    rows = stored(table)
    query = select(rows).where(rows.c.id == number).with_for_update(key_share=True)
    return await first(connection, query)


async def one(connection: AsyncConnection, shape: Shape, number: int) -> WireObject | None:
    """An object by its number, as it goes onto the wire."""
    row = (await connection.execute(shape.by_number, {"number": number})).first()
    return None if row is None else shape.write_tagged(row)


async def by_id(connection: AsyncConnection, shape: Shape, number: int) -> WireObject:
    """One object by its number. Raises: NotFound."""
    return found(await one(connection, shape, number))


def owner_of(row: StoredRow | None) -> int | None:
    """Whose object it is; None when there is none."""
    return None if row is None else row["owner"]


async def owner_by_id(
    connection: AsyncConnection, table: type[Table], number: int | None
) -> int | None:
    """Whose object has this number; None when there is none."""
    columns = stored(table).c
    owner: int | None = await connection.scalar(select(columns.owner).where(columns.id == number))
    return owner


async def add(
    connection: AsyncConnection, caller: Caller, shape: Shape, values: Mapping[str, object]
) -> WireObject:
    """A new row, as it goes onto the wire."""
    now = utc_now()
    statement = insert(shape.table).values(created_at=now, modified_at=now, **values)
    row = (await connection.execute(statement.returning(*shape.tagged_columns))).one()
    added = shape.write_tagged(row)
    await trail.record_added(connection, caller, shape.table, added.fields)
    return added


async def change(
    connection: AsyncConnection,
    caller: Caller,
    shape: Shape,
    seen: StoredRow,
    changes: Mapping[str, object],
) -> WireObject:
    """The row after its named columns, and no others, were written.

    A compare-and-set on the version ``seen``, whether or not that row was locked.
    """
    if not changes:
        return await by_id(connection, shape, seen["id"])
    columns = shape.table.c
    statement = (
        update(shape.table)
        .where(columns.id == seen["id"], columns.version == seen["version"])
        .values(modified_at=utc_now(), version=columns.version + 1, **changes)
        .returning(*shape.tagged_columns)
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise Stale()
    await trail.record_changed(connection, caller, shape.table, seen, changes)
    return shape.write_tagged(row)


async def remove(
    connection: AsyncConnection, caller: Caller, table: type[Table], *where: ColumnElement[bool]
) -> None:
    """Delete what meets the conditions, unless others refer to it."""
    rows = stored(table)
    try:
        deleted = (await connection.execute(delete(rows).where(*where).returning(rows))).all()
    except IntegrityError as error:
        raise InUse() from error
    if not deleted:
        raise NotFound()
    await trail.record_removed(connection, caller, rows, [row._asdict() for row in deleted])


async def remove_one(
    connection: AsyncConnection,
    caller: Caller,
    table: type[Table],
    number: int,
    expected: Expected,
) -> None:
    """Delete an object, as an admin, unless others refer to it or it is at another version."""
    permit(caller)
    seen = found(await locked(connection, table, number))
    expected.refuse_unless_current(seen)
    columns = stored(table).c
    same = (columns.id == number, columns.version == seen["version"])
    await remove(connection, caller, table, *same)


async def exists_where(connection: AsyncConnection, *where: ColumnElement[bool]) -> bool:
    """Whether a row meets every condition."""
    return bool(await connection.scalar(select(exists().where(*where))))


async def note_taken(
    connection: AsyncConnection,
    faults: Faults,
    table: type[Table],
    name: str,
    value: object,
    but: int | None = None,
) -> None:
    """Note a fault where another row than ``but`` has ``value`` in the column ``name``."""
    columns = stored(table).c
    if await exists_where(connection, columns[name] == value, columns.id != (but or 0)):
        faults.add("This is taken already; choose another.", name, ErrorCode.NOT_UNIQUE)
