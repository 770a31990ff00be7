"""Users over HTTP."""

from fastapi import Request
from starlette.responses import Response

from medperf_api.contract.users import UserRead, UserUpdate
from medperf_api.routers.dependencies import Read, Write
from medperf_api.routers.documented import deletes, lists, shows, updates
from medperf_api.routers.etags import current, shown
from medperf_api.routers.lists import Asked
from medperf_api.routers.paths import NounRouter
from medperf_api.routers.replies import Reply, nothing, page_of
from medperf_api.services import users

router = NounRouter("users")

ONE = "/{user_id:number}/"


@router.get("/", operation_id="list_users", **lists(users.USER, UserRead, 403))
async def list_users(request: Request, read: Read, asked: Asked) -> Reply:
    """Everybody, to admins."""
    return page_of(request, await users.list_all(read.connection, read.caller, asked))


@router.get(ONE, operation_id="get_user", **shows(UserRead, 403, 404))
async def get_user(request: Request, user_id: int, read: Read) -> Response:
    """A user, to admins, to themselves, and to whoever's cube prepares their data."""
    return shown(request, await users.get(read.connection, read.caller, user_id))


@router.put(ONE, operation_id="update_user", **updates(UserUpdate, UserRead))
async def update_user(user_id: int, write: Write) -> Response:
    """Correct a user, as an admin."""
    draft = write.draft(UserUpdate)
    changed = await users.update_user(
        write.connection, write.caller, user_id, draft, write.expected
    )
    return current(changed)


@router.delete(ONE, operation_id="delete_user", **deletes())
async def delete_user(user_id: int, write: Write) -> Response:
    """Delete a user who owns nothing, as an admin."""
    await users.delete(write.connection, write.caller, user_id, write.expected)
    return nothing()
