"""A user on the wire."""

from medperf_api.contract.base import UNSET, Name, OptionalName, Partial, Registered


class UserRead(Registered):
    """Somebody who once came with a valid token."""

    username: str
    email: str
    first_name: str = ""
    last_name: str = ""


class UserUpdate(Partial):
    """What an admin may correct."""

    username: Name = UNSET
    email: Name = UNSET
    first_name: OptionalName = UNSET
    last_name: OptionalName = UNSET
