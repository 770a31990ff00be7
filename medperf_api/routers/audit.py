"""The audit table over HTTP, and the histories of single objects."""

from fastapi import APIRouter, Request

from medperf_api.contract.audit import AuditEntryRead
from medperf_api.routers.dependencies import Read
from medperf_api.routers.documented import lists
from medperf_api.routers.lists import Asked
from medperf_api.routers.replies import Reply, page_of
from medperf_api.services import audit

router = APIRouter(tags=["audit"])


@router.get("/audit/", operation_id="list_audit_entries", **lists(audit.ENTRY, AuditEntryRead, 403))
async def list_audit_entries(request: Request, read: Read, asked: Asked) -> Reply:
    """Who decided what and when, about everything, to admins."""
    return page_of(request, await audit.list_all(read.connection, read.caller, asked))


@router.get(
    "/mlcubes/{cube_id:number}/history/",
    operation_id="list_cube_history",
    **lists(audit.ENTRY, AuditEntryRead, 403, 404),
)
async def list_cube_history(request: Request, cube_id: int, read: Read, asked: Asked) -> Reply:
    """Who decided what and when about a cube and its associations, to its owner."""
    page = await audit.history(read.connection, read.caller, audit.CUBES, cube_id, asked)
    return page_of(request, page)


@router.get(
    "/datasets/{dataset_id:number}/history/",
    operation_id="list_dataset_history",
    **lists(audit.ENTRY, AuditEntryRead, 403, 404),
)
async def list_dataset_history(
    request: Request, dataset_id: int, read: Read, asked: Asked
) -> Reply:
    """Who decided what and when about a dataset and its associations, to its owner."""
    page = await audit.history(read.connection, read.caller, audit.DATASETS, dataset_id, asked)
    return page_of(request, page)


@router.get(
    "/benchmarks/{benchmark_id:number}/history/",
    operation_id="list_benchmark_history",
    **lists(audit.ENTRY, AuditEntryRead, 403, 404),
)
async def list_benchmark_history(
    request: Request, benchmark_id: int, read: Read, asked: Asked
) -> Reply:
    """Who decided what and when about a benchmark and its associations, to its owner."""
    page = await audit.history(read.connection, read.caller, audit.BENCHMARKS, benchmark_id, asked)
    return page_of(request, page)


@router.get(
    "/results/{result_id:number}/history/",
    operation_id="list_result_history",
    **lists(audit.ENTRY, AuditEntryRead, 403, 404),
)
async def list_result_history(request: Request, result_id: int, read: Read, asked: Asked) -> Reply:
    """Who decided what and when about a result, to its owner."""
    page = await audit.history(read.connection, read.caller, audit.RESULTS, result_id, asked)
    return page_of(request, page)
