"""Results over HTTP."""

from fastapi import Request
from starlette.responses import Response

from medperf_api.contract.results import ResultCreate, ResultRead, ResultUpdate
from medperf_api.routers.dependencies import Create, Read, Write
from medperf_api.routers.documented import creates, deletes, lists, shows, updates
from medperf_api.routers.etags import current, shown
from medperf_api.routers.lists import Asked
from medperf_api.routers.paths import NounRouter
from medperf_api.routers.replies import Reply, nothing, page_of
from medperf_api.services import results

router = NounRouter("results")

ONE = "/{result_id:number}/"


@router.get("/", operation_id="list_results", **lists(results.RESULT, ResultRead, 403))
async def list_results(request: Request, read: Read, asked: Asked) -> Reply:
    """Every result, to admins."""
    return page_of(request, await results.list_all(read.connection, read.caller, asked))


@router.post("/", operation_id="create_result", **creates(ResultCreate, ResultRead, 403))
async def create_result(write: Create) -> Response:
    """Register the metrics of an approved model on your approved dataset."""
    return await write.created(
        await results.create(write.connection, write.caller, write.draft(ResultCreate))
    )


@router.get(ONE, operation_id="get_result", **shows(ResultRead, 403, 404))
async def get_result(request: Request, result_id: int, read: Read) -> Response:
    """One result, to the owners of its dataset and its benchmark."""
    return shown(request, await results.get(read.connection, read.caller, result_id))


@router.put(ONE, operation_id="update_result", **updates(ResultUpdate, ResultRead))
async def update_result(result_id: int, write: Write) -> Response:
    """Change what is said about a result, as an admin."""
    draft = write.draft(ResultUpdate)
    changed = await results.update(write.connection, write.caller, result_id, draft, write.expected)
    return current(changed)


@router.delete(ONE, operation_id="delete_result", **deletes())
async def delete_result(result_id: int, write: Write) -> Response:
    """Delete a result, as an admin."""
    await results.delete(write.connection, write.caller, result_id, write.expected)
    return nothing()
