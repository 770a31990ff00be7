"""Cubes: named and pinned by hash; in operation their content is settled."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from medperf_api.contract.cubes import (
    EDITABLE_IN_OPERATION,
    IDENTITY_HASHES,
    CubeCreate,
    CubeRead,
    CubeUpdate,
    asset_faults,
)
from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.states import State
from medperf_api.domain.access import Caller
from medperf_api.domain.editing import differences, frozen_faults
from medperf_api.domain.versions import ANY_VERSION, Expected
from medperf_api.errors import Fault, Faults, Invalid
from medperf_api.services import rows
from medperf_api.services.datasets import FULL_DATASET
from medperf_api.services.drafts import Draft
from medperf_api.services.listing import Listing
from medperf_api.services.paging import PageOfRows, page
from medperf_api.services.shapes import Shape, WireObject, stored
from medperf_api.tables import Cube

CUBE = Shape(Cube, CubeRead)

_cubes = stored(Cube)


async def get(connection: AsyncConnection, cube_id: int) -> WireObject:
    """One cube."""
    return await rows.by_id(connection, CUBE, cube_id)


async def list_all(connection: AsyncConnection, listing: Listing) -> PageOfRows:
    """Every cube."""
    return await page(connection, CUBE, listing)


async def list_owned(connection: AsyncConnection, caller: Caller, listing: Listing) -> PageOfRows:
    """The caller's cubes."""
    return await page(connection, CUBE, listing, only={"owner": caller.id})


async def list_prepared_datasets(
    connection: AsyncConnection, caller: Caller, cube_id: int, listing: Listing
) -> PageOfRows:
    """Datasets prepared with a cube that is in development, in full, to who develops it."""
    cube = await rows.by_number(connection, Cube, cube_id)
    rows.permit(caller, rows.owner_of(cube))
    if rows.found(cube)["state"] is not State.DEVELOPMENT:
        raise Invalid(
            Fault(
                "This is for cubes in development, and this one is in operation.",
                code=ErrorCode.NOT_READY,
            )
        )
    only = {"data_preparation_mlcube": cube_id}
    return await page(connection, FULL_DATASET, listing, only=only)


async def create(
    connection: AsyncConnection, caller: Caller, draft: Draft[CubeCreate]
) -> WireObject:
    """Register a cube."""
    values = dict(draft.read())
    faults = Faults()
    await rows.note_taken(connection, faults, Cube, "name", values["name"])
    faults.refuse()
    await _refuse_bad_assets(connection, values)
    return await rows.add(connection, caller, CUBE, {**values, "owner": caller.id})


async def update(
    connection: AsyncConnection,
    caller: Caller,
    cube_id: int,
    draft: Draft[CubeUpdate],
    expected: Expected = ANY_VERSION,
) -> WireObject:
    """Change what is named; in operation only where assets are and what is said about them."""
    cube = await rows.locked(connection, Cube, cube_id)
    rows.permit(caller, rows.owner_of(cube))
    cube = rows.found(cube)
    expected.refuse_unless_current(cube)
    changes = differences(cube, draft.read().changes())
    faults = Faults()
    if cube["state"] is State.OPERATION:
        faults.found.extend(frozen_faults(changes, EDITABLE_IN_OPERATION))
    if "name" in changes:
        await rows.note_taken(connection, faults, Cube, "name", changes["name"], but=cube_id)
    faults.refuse()
    await _refuse_bad_assets(connection, {**cube, **changes}, but=cube_id)
    return await rows.change(connection, caller, CUBE, cube, changes)


async def delete(
    connection: AsyncConnection, caller: Caller, cube_id: int, expected: Expected = ANY_VERSION
) -> None:
    """Delete a cube that nothing refers to."""
    await rows.remove_one(connection, caller, Cube, cube_id, expected)


async def _refuse_bad_assets(
    connection: AsyncConnection, cube: Mapping[str, object], but: int = 0
) -> None:
    faults = Faults()
    for message in asset_faults(cube):
        faults.add(message)
    same = (_cubes.c[name] == cube[name] for name in IDENTITY_HASHES)
    if await rows.exists_where(connection, *same, _cubes.c.id != but):
        faults.add(
            "A cube with these five hashes exists already; use that one.", code=ErrorCode.NOT_UNIQUE
        )
    faults.refuse()
