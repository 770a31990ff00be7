"""Whether the objects that a body refers to exist."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from medperf_api.contract.errors import ErrorCode
from medperf_api.errors import Faults
from medperf_api.services.rows import exists_where
from medperf_api.services.shapes import stored
from medperf_api.tables import Table


async def note_missing(
    connection: AsyncConnection,
    faults: Faults,
    targets: Mapping[str, type[Table]],
    values: Mapping[str, object],
) -> None:
    """Note a fault for each field of ``values`` whose object, in its table, is not there."""
    for name, table in targets.items():
        if name in values and not await exists_where(
            connection, stored(table).c.id == values[name]
        ):
            faults.add(missing_text(values[name]), name, ErrorCode.NOT_FOUND)


def missing_text(number: object) -> str:
    """What is said of a reference to nothing."""
    return f"There is no object with the number {number}."
