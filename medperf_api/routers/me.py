"""The caller and what they own."""

from fastapi import Request
from starlette.responses import Response

from medperf_api.contract.associations import DatasetAssociationRead, ModelAssociationRead
from medperf_api.contract.benchmarks import BenchmarkRead
from medperf_api.contract.cubes import CubeRead
from medperf_api.contract.datasets import DatasetRead
from medperf_api.contract.results import ResultRead
from medperf_api.contract.users import UserRead
from medperf_api.routers.dependencies import Read
from medperf_api.routers.documented import lists, shows
from medperf_api.routers.etags import shown
from medperf_api.routers.lists import Asked
from medperf_api.routers.paths import NounRouter
from medperf_api.routers.replies import Reply, page_of
from medperf_api.services import associations, benchmarks, cubes, datasets, results, users

router = NounRouter("me")


@router.get("/", operation_id="get_me", **shows(UserRead))
async def get_me(request: Request, read: Read) -> Response:
    """Who the server takes you for."""
    return shown(request, await users.get(read.connection, read.caller, read.caller.id))


@router.get(
    "/benchmarks/",
    operation_id="list_my_benchmarks",
    **lists(benchmarks.BENCHMARK, BenchmarkRead),
)
async def list_my_benchmarks(request: Request, read: Read, asked: Asked) -> Reply:
    """Benchmarks you own."""
    return page_of(request, await benchmarks.list_owned(read.connection, read.caller, asked))


@router.get(
    "/datasets/", operation_id="list_my_datasets", **lists(datasets.FULL_DATASET, DatasetRead)
)
async def list_my_datasets(request: Request, read: Read, asked: Asked) -> Reply:
    """Datasets you own, in full."""
    return page_of(request, await datasets.list_owned(read.connection, read.caller, asked))


@router.get("/mlcubes/", operation_id="list_my_cubes", **lists(cubes.CUBE, CubeRead))
async def list_my_cubes(request: Request, read: Read, asked: Asked) -> Reply:
    """Cubes you own."""
    return page_of(request, await cubes.list_owned(read.connection, read.caller, asked))


@router.get("/results/", operation_id="list_my_results", **lists(results.RESULT, ResultRead))
async def list_my_results(request: Request, read: Read, asked: Asked) -> Reply:
    """Results you own."""
    return page_of(request, await results.list_owned(read.connection, read.caller, asked))


@router.get(
    "/datasets/associations/",
    operation_id="list_my_dataset_associations",
    **lists(associations.DATASETS.full, DatasetAssociationRead),
)
async def list_my_dataset_associations(request: Request, read: Read, asked: Asked) -> Reply:
    """Associations of your datasets, and of datasets with your benchmarks."""
    page = await associations.list_of_caller(
        read.connection, read.caller, associations.DATASETS, asked
    )
    return page_of(request, page)


@router.get(
    "/mlcubes/associations/",
    operation_id="list_my_model_associations",
    **lists(associations.MODELS.full, ModelAssociationRead),
)
async def list_my_model_associations(request: Request, read: Read, asked: Asked) -> Reply:
    """Associations of your models, and of models with your benchmarks."""
    page = await associations.list_of_caller(
        read.connection, read.caller, associations.MODELS, asked
    )
    return page_of(request, page)
