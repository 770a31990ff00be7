"""Users: made at their first valid call, changed by admins and by the operator."""

from sqlalchemy import Insert, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.users import UserRead, UserUpdate
from medperf_api.domain.access import OPERATOR, Caller
from medperf_api.domain.editing import differences
from medperf_api.domain.versions import ANY_VERSION, Expected
from medperf_api.errors import Fault, Faults, Invalid, NotAuthenticated
from medperf_api.services import rows
from medperf_api.services.drafts import Draft
from medperf_api.services.listing import Listing
from medperf_api.services.paging import PageOfRows, page
from medperf_api.services.shapes import Shape, WireObject, stored
from medperf_api.tables import Cube, Dataset, User
from medperf_api.tables.base import utc_now

USER = Shape(User, UserRead)

_users = stored(User)
# Made once: every request asks it.
_known = select(_users.c.id, _users.c.is_admin, _users.c.is_active).where(
    _users.c.username == bindparam("name")
)


async def known(connection: AsyncConnection, username: str) -> Caller | None:
    """The caller of this name, if they came before. Raises: NotAuthenticated, when inactive."""
    user = (await connection.execute(_known, {"name": username})).first()
    if user is None:
        return None
    if not user.is_active:
        raise NotAuthenticated()
    return Caller(user.id, user.is_admin)


async def register(connection: AsyncConnection, username: str, email: str) -> Caller:
    """The caller of this name, made now unless another first call was faster."""
    await connection.execute(_insert_once(connection, username, email))
    caller = await known(connection, username)
    return rows.found(caller)


def _insert_once(connection: AsyncConnection, username: str, email: str) -> Insert:
    dialect = connection.dialect.name
    now = utc_now()
    values = {
        "created_at": now,
        "modified_at": now,
        "username": username,
        "email": email,
        "first_name": "",
        "last_name": "",
        "is_admin": False,
        "is_active": True,
    }
    if dialect == "postgresql":
        return postgresql.insert(_users).values(**values).on_conflict_do_nothing()
    return sqlite.insert(_users).values(**values).on_conflict_do_nothing()


async def get(connection: AsyncConnection, caller: Caller, user_id: int) -> WireObject:
    """A user, to themselves, to admins, and to whoever prepares their data."""
    if user_id != caller.id and not await _prepares_data_of(connection, caller, user_id):
        rows.permit(caller)
    return await rows.by_id(connection, USER, user_id)


async def _prepares_data_of(connection: AsyncConnection, caller: Caller, user_id: int) -> bool:
    datasets, cubes = stored(Dataset), stored(Cube)
    return await rows.exists_where(
        connection,
        datasets.c.owner == user_id,
        datasets.c.data_preparation_mlcube == cubes.c.id,
        cubes.c.owner == caller.id,
    )


async def list_all(connection: AsyncConnection, caller: Caller, listing: Listing) -> PageOfRows:
    """Every user, to admins."""
    rows.permit(caller)
    return await page(connection, USER, listing)


async def update_user(
    connection: AsyncConnection,
    caller: Caller,
    user_id: int,
    draft: Draft[UserUpdate],
    expected: Expected = ANY_VERSION,
) -> WireObject:
    """Correct a user."""
    rows.permit(caller)
    user = rows.found(await rows.locked(connection, User, user_id))
    expected.refuse_unless_current(user)
    changes = differences(user, draft.read().changes())
    faults = Faults()
    if "username" in changes:
        await rows.note_taken(
            connection, faults, User, "username", changes["username"], but=user_id
        )
    faults.refuse()
    return await rows.change(connection, caller, USER, user, changes)


async def delete(
    connection: AsyncConnection, caller: Caller, user_id: int, expected: Expected = ANY_VERSION
) -> None:
    """Delete a user who owns nothing."""
    await rows.remove_one(connection, caller, User, user_id, expected)


async def make_admin(connection: AsyncConnection, email: str, may_create: bool) -> None:
    """Give the one user of this address every right.

    ``may_create`` where addresses are the names of users: then nobody else can come to own it.
    """
    if may_create:
        await connection.execute(_insert_once(connection, email, email))
    await _set_by_email(connection, email, is_admin=True)


async def deactivate(connection: AsyncConnection, email: str) -> None:
    """Refuse every later call of the one user of this address."""
    await _set_by_email(connection, email, is_active=False)


async def _set_by_email(connection: AsyncConnection, email: str, **values: bool) -> None:
    matches = (await connection.scalars(select(_users.c.id).where(_users.c.email == email))).all()
    if len(matches) != 1:
        count = f"{len(matches)} users have" if matches else "No user has"
        raise Invalid(Fault(f"{count} the address {email}.", "email", ErrorCode.INVALID))
    user = rows.found(await rows.locked(connection, User, matches[0]))
    await rows.change(connection, OPERATOR, USER, user, differences(user, values))
