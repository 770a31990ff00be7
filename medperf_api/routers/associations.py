"""Associations over HTTP, under the dataset or the model that joins a benchmark."""

from fastapi import APIRouter, Request
from starlette.responses import Response

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
from medperf_api.routers.dependencies import Create, Read, Write
from medperf_api.routers.documented import creates, deletes, shows, updates
from medperf_api.routers.etags import current, shown_history
from medperf_api.routers.replies import nothing
from medperf_api.services import associations
from medperf_api.services.associations import DATASETS, MODELS

router = APIRouter(tags=["associations"])

DATASET_PAIR = "/datasets/{dataset_id:number}/benchmarks/{benchmark_id:number}/"
MODEL_PAIR = "/mlcubes/{model_id:number}/benchmarks/{benchmark_id:number}/"


@router.post(
    "/datasets/benchmarks/",
    operation_id="request_dataset_association",
    **creates(DatasetAssociationCreate, DatasetAssociationRead, 403),
)
async def request_dataset_association(write: Create) -> Response:
    """Ask that a dataset joins a benchmark, or withdraw one that did."""
    draft = write.draft(DatasetAssociationCreate)
    made = await associations.request(write.connection, write.caller, DATASETS, draft)
    return await write.created(made)


@router.get(
    DATASET_PAIR,
    operation_id="list_dataset_associations",
    **shows(list[DatasetAssociationEntry], 403, 404),
)
async def list_dataset_associations(
    request: Request, dataset_id: int, benchmark_id: int, read: Read
) -> Response:
    """The history of a dataset and a benchmark, oldest first."""
    history = await associations.history(
        read.connection, read.caller, DATASETS, dataset_id, benchmark_id
    )
    return shown_history(request, history)


@router.put(
    DATASET_PAIR,
    operation_id="decide_dataset_association",
    **updates(DatasetAssociationUpdate, DatasetAssociationRead),
)
async def decide_dataset_association(dataset_id: int, benchmark_id: int, write: Write) -> Response:
    """Approve or reject the newest request of this dataset to join this benchmark."""
    draft = write.draft(DatasetAssociationUpdate)
    decided = await associations.decide(
        write.connection, write.caller, DATASETS, dataset_id, benchmark_id, draft, write.expected
    )
    return current(decided)


@router.delete(DATASET_PAIR, operation_id="delete_dataset_associations", **deletes())
async def delete_dataset_associations(dataset_id: int, benchmark_id: int, write: Write) -> Response:
    """Delete the history of a dataset and a benchmark, as an admin."""
    await associations.delete(
        write.connection, write.caller, DATASETS, dataset_id, benchmark_id, write.expected
    )
    return nothing()


@router.post(
    "/mlcubes/benchmarks/",
    operation_id="request_model_association",
    **creates(ModelAssociationCreate, ModelAssociationRead, 403),
)
async def request_model_association(write: Create) -> Response:
    """Ask that a model joins a benchmark, or withdraw one that did."""
    draft = write.draft(ModelAssociationCreate)
    made = await associations.request(write.connection, write.caller, MODELS, draft)
    return await write.created(made)


@router.get(
    MODEL_PAIR,
    operation_id="list_model_associations",
    **shows(list[ModelAssociationEntry], 403, 404),
)
async def list_model_associations(
    request: Request, model_id: int, benchmark_id: int, read: Read
) -> Response:
    """The history of a model and a benchmark, oldest first."""
    history = await associations.history(
        read.connection, read.caller, MODELS, model_id, benchmark_id
    )
    return shown_history(request, history)


@router.put(
    MODEL_PAIR,
    operation_id="decide_model_association",
    **updates(ModelAssociationUpdate, ModelAssociationRead),
)
async def decide_model_association(model_id: int, benchmark_id: int, write: Write) -> Response:
    """Approve or reject the newest request of this model, or set its priority."""
    draft = write.draft(ModelAssociationUpdate)
    decided = await associations.decide(
        write.connection, write.caller, MODELS, model_id, benchmark_id, draft, write.expected
    )
    return current(decided)


@router.delete(MODEL_PAIR, operation_id="delete_model_associations", **deletes())
async def delete_model_associations(model_id: int, benchmark_id: int, write: Write) -> Response:
    """Delete the history of a model and a benchmark, as an admin."""
    await associations.delete(
        write.connection, write.caller, MODELS, model_id, benchmark_id, write.expected
    )
    return nothing()
