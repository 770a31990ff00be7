"""Datasets over HTTP."""

from fastapi import Request
from starlette.responses import Response

from medperf_api.contract.datasets import DatasetCreate, DatasetPublic, DatasetRead, DatasetUpdate
from medperf_api.routers.dependencies import Create, Read, Write
from medperf_api.routers.documented import creates, deletes, lists, shows, updates
from medperf_api.routers.etags import current, shown
from medperf_api.routers.lists import Asked
from medperf_api.routers.paths import NounRouter
from medperf_api.routers.replies import Reply, nothing, page_of
from medperf_api.services import datasets

router = NounRouter("datasets")

ONE = "/{dataset_id:number}/"


@router.get("/", operation_id="list_datasets", **lists(datasets.PUBLIC_DATASET, DatasetPublic))
async def list_datasets(request: Request, read: Read, asked: Asked) -> Reply:
    """Every dataset, without its owner and report."""
    return page_of(request, await datasets.list_all(read.connection, read.caller, asked))


@router.post("/", operation_id="create_dataset", **creates(DatasetCreate, DatasetRead))
async def create_dataset(write: Create) -> Response:
    """Register a dataset; its data stays where it is."""
    draft = write.draft(DatasetCreate)
    return await write.created(await datasets.create(write.connection, write.caller, draft))


@router.get(ONE, operation_id="get_dataset", **shows(DatasetPublic, 404))
async def get_dataset(request: Request, dataset_id: int, read: Read) -> Response:
    """One dataset, without its owner and report."""
    return shown(request, await datasets.get(read.connection, dataset_id))


@router.put(ONE, operation_id="update_dataset", **updates(DatasetUpdate, DatasetRead))
async def update_dataset(dataset_id: int, write: Write) -> Response:
    """Change a dataset, or mark it operational, which is one way."""
    draft = write.draft(DatasetUpdate)
    changed = await datasets.update(
        write.connection, write.caller, dataset_id, draft, write.expected
    )
    return current(changed)


@router.delete(ONE, operation_id="delete_dataset", **deletes())
async def delete_dataset(dataset_id: int, write: Write) -> Response:
    """Delete a dataset that nothing refers to, as an admin."""
    await datasets.delete(write.connection, write.caller, dataset_id, write.expected)
    return nothing()
