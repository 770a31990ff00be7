"""Cubes over HTTP; the wire calls them mlcubes."""

from fastapi import Request
from starlette.responses import Response

from medperf_api.contract.cubes import CubeCreate, CubeRead, CubeUpdate
from medperf_api.contract.datasets import DatasetRead
from medperf_api.routers.dependencies import Create, Read, Write
from medperf_api.routers.documented import creates, deletes, lists, shows, updates
from medperf_api.routers.etags import current, shown
from medperf_api.routers.lists import Asked
from medperf_api.routers.paths import NounRouter
from medperf_api.routers.replies import Reply, nothing, page_of
from medperf_api.services import cubes, datasets

router = NounRouter("mlcubes", "cubes")

ONE = "/{cube_id:number}/"


@router.get("/", operation_id="list_cubes", **lists(cubes.CUBE, CubeRead))
async def list_cubes(request: Request, read: Read, asked: Asked) -> Reply:
    """Every cube."""
    return page_of(request, await cubes.list_all(read.connection, asked))


@router.post("/", operation_id="create_cube", **creates(CubeCreate, CubeRead))
async def create_cube(write: Create) -> Response:
    """Register a cube."""
    return await write.created(
        await cubes.create(write.connection, write.caller, write.draft(CubeCreate))
    )


@router.get(ONE, operation_id="get_cube", **shows(CubeRead, 404))
async def get_cube(request: Request, cube_id: int, read: Read) -> Response:
    """One cube."""
    return shown(request, await cubes.get(read.connection, cube_id))


@router.put(ONE, operation_id="update_cube", **updates(CubeUpdate, CubeRead))
async def update_cube(cube_id: int, write: Write) -> Response:
    """Change a cube; in operation only where its assets are and what is said about it."""
    draft = write.draft(CubeUpdate)
    changed = await cubes.update(write.connection, write.caller, cube_id, draft, write.expected)
    return current(changed)


@router.delete(ONE, operation_id="delete_cube", **deletes())
async def delete_cube(cube_id: int, write: Write) -> Response:
    """Delete a cube that nothing refers to, as an admin."""
    await cubes.delete(write.connection, write.caller, cube_id, write.expected)
    return nothing()


@router.get(
    ONE + "datasets/",
    operation_id="list_cube_datasets",
    **lists(datasets.FULL_DATASET, DatasetRead, 403, 404),
)
async def list_cube_datasets(request: Request, cube_id: int, read: Read, asked: Asked) -> Reply:
    """Datasets prepared with a cube that is in development, to its owner."""
    page = await cubes.list_prepared_datasets(read.connection, read.caller, cube_id, asked)
    return page_of(request, page)
