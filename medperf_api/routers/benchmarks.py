"""Benchmarks over HTTP, and who takes part in them."""

from fastapi import Request
from starlette.responses import Response

from medperf_api.contract.benchmarks import (
    BenchmarkCreate,
    BenchmarkDataset,
    BenchmarkModel,
    BenchmarkRead,
    BenchmarkUpdate,
)
from medperf_api.contract.results import ResultRead
from medperf_api.routers.dependencies import Create, Read, Write
from medperf_api.routers.documented import creates, deletes, lists, shows, updates
from medperf_api.routers.etags import current, shown
from medperf_api.routers.lists import Asked
from medperf_api.routers.paths import NounRouter
from medperf_api.routers.replies import Reply, nothing, page_of
from medperf_api.services import benchmarks, participants, results

router = NounRouter("benchmarks")

ONE = "/{benchmark_id:number}/"


@router.get("/", operation_id="list_benchmarks", **lists(benchmarks.BENCHMARK, BenchmarkRead))
async def list_benchmarks(request: Request, read: Read, asked: Asked) -> Reply:
    """Every benchmark."""
    return page_of(request, await benchmarks.list_all(read.connection, asked))


@router.post("/", operation_id="create_benchmark", **creates(BenchmarkCreate, BenchmarkRead))
async def create_benchmark(write: Create) -> Response:
    """Propose a benchmark; an admin decides about it."""
    draft = write.draft(BenchmarkCreate)
    return await write.created(await benchmarks.create(write.connection, write.caller, draft))


@router.get(ONE, operation_id="get_benchmark", **shows(BenchmarkRead, 404))
async def get_benchmark(request: Request, benchmark_id: int, read: Read) -> Response:
    """One benchmark."""
    return shown(request, await benchmarks.get(read.connection, benchmark_id))


@router.put(ONE, operation_id="update_benchmark", **updates(BenchmarkUpdate, BenchmarkRead))
async def update_benchmark(benchmark_id: int, write: Write) -> Response:
    """Change a benchmark; its approval is for admins to change."""
    draft = write.draft(BenchmarkUpdate)
    changed = await benchmarks.update(
        write.connection, write.caller, benchmark_id, draft, write.expected
    )
    return current(changed)


@router.delete(ONE, operation_id="delete_benchmark", **deletes())
async def delete_benchmark(benchmark_id: int, write: Write) -> Response:
    """Delete a benchmark that nothing refers to, as an admin."""
    await benchmarks.delete(write.connection, write.caller, benchmark_id, write.expected)
    return nothing()


@router.get(
    ONE + "models/",
    operation_id="list_benchmark_models",
    **lists(participants.MODEL_ENTRY, BenchmarkModel, 403, 404),
)
async def list_benchmark_models(
    request: Request, benchmark_id: int, read: Read, asked: Asked
) -> Reply:
    """A benchmark's models, highest priority first."""
    page = await participants.list_models(read.connection, read.caller, benchmark_id, asked)
    return page_of(request, page)


@router.get(
    ONE + "datasets/",
    operation_id="list_benchmark_datasets",
    **lists(participants.DATASET_ENTRY, BenchmarkDataset, 403, 404),
)
async def list_benchmark_datasets(
    request: Request, benchmark_id: int, read: Read, asked: Asked
) -> Reply:
    """A benchmark's datasets, to its owner."""
    page = await participants.list_datasets(read.connection, read.caller, benchmark_id, asked)
    return page_of(request, page)


@router.get(
    ONE + "results/",
    operation_id="list_benchmark_results",
    **lists(results.RESULT, ResultRead, 403, 404),
)
async def list_benchmark_results(
    request: Request, benchmark_id: int, read: Read, asked: Asked
) -> Reply:
    """A benchmark's results, to its owner."""
    page = await results.list_of_benchmark(read.connection, read.caller, benchmark_id, asked)
    return page_of(request, page)
