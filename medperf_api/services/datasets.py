"""Datasets: anybody sees them, their owner sees all of them, and operation is one way."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from medperf_api.contract.datasets import (
    EDITABLE_IN_OPERATION,
    DatasetCreate,
    DatasetPublic,
    DatasetRead,
    DatasetUpdate,
)
from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.states import State
from medperf_api.domain.access import Caller
from medperf_api.domain.editing import differences, frozen_faults
from medperf_api.domain.versions import ANY_VERSION, Expected
from medperf_api.errors import Faults
from medperf_api.services import rows
from medperf_api.services.drafts import Draft
from medperf_api.services.listing import Listing
from medperf_api.services.paging import PageOfRows, page
from medperf_api.services.references import note_missing
from medperf_api.services.shapes import Shape, WireObject, stored
from medperf_api.tables import Cube, Dataset

PUBLIC_DATASET = Shape(Dataset, DatasetPublic)
FULL_DATASET = Shape(Dataset, DatasetRead)

_datasets = stored(Dataset)
_REFERENCES = {"data_preparation_mlcube": Cube}


async def get(connection: AsyncConnection, dataset_id: int) -> WireObject:
    """What everybody sees of one dataset."""
    return await rows.by_id(connection, PUBLIC_DATASET, dataset_id)


async def list_all(connection: AsyncConnection, caller: Caller, listing: Listing) -> PageOfRows:
    """What everybody sees of every dataset.

    Whose they are is not public, so asking by owner finds nobody's but one's own.
    """
    if listing.filters.get("owner") and not caller.is_admin:
        return await page(connection, PUBLIC_DATASET, listing, only={"owner": caller.id})
    return await page(connection, PUBLIC_DATASET, listing)


async def list_owned(connection: AsyncConnection, caller: Caller, listing: Listing) -> PageOfRows:
    """The caller's datasets, in full."""
    return await page(connection, FULL_DATASET, listing, only={"owner": caller.id})


async def create(
    connection: AsyncConnection, caller: Caller, draft: Draft[DatasetCreate]
) -> WireObject:
    """Register a dataset; its data stays where it is."""
    values = dict(draft.read())
    faults = Faults()
    await note_missing(connection, faults, _REFERENCES, values)
    faults.refuse()
    return await rows.add(connection, caller, FULL_DATASET, {**values, "owner": caller.id})


async def update(
    connection: AsyncConnection,
    caller: Caller,
    dataset_id: int,
    draft: Draft[DatasetUpdate],
    expected: Expected = ANY_VERSION,
) -> WireObject:
    """Change what is named; in operation hardly anything."""
    dataset = await rows.locked(connection, Dataset, dataset_id)
    rows.permit(caller, rows.owner_of(dataset))
    dataset = rows.found(dataset)
    expected.refuse_unless_current(dataset)
    changes = differences(dataset, draft.read().changes())
    faults = Faults()
    if dataset["state"] is State.OPERATION:
        faults.found.extend(frozen_faults(changes, EDITABLE_IN_OPERATION))
    await note_missing(connection, faults, _REFERENCES, changes)
    faults.refuse()
    await _refuse_second_operational(connection, {**dataset, **changes})
    return await rows.change(connection, caller, FULL_DATASET, dataset, changes)


async def delete(
    connection: AsyncConnection, caller: Caller, dataset_id: int, expected: Expected = ANY_VERSION
) -> None:
    """Delete a dataset that nothing refers to."""
    await rows.remove_one(connection, caller, Dataset, dataset_id, expected)


async def _refuse_second_operational(
    connection: AsyncConnection, dataset: Mapping[str, object]
) -> None:
    if dataset["state"] is not State.OPERATION:
        return
    faults = Faults()
    if await rows.exists_where(
        connection,
        _datasets.c.generated_uid == dataset["generated_uid"],
        _datasets.c.state == State.OPERATION,
        _datasets.c.id != dataset["id"],
    ):
        faults.add(
            "A dataset with this content is in operation already; only one can be.",
            "generated_uid",
            ErrorCode.NOT_UNIQUE,
        )
    faults.refuse()
