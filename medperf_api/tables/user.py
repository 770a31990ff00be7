"""Somebody who came with a valid token, and what the operator decided about them."""

from sqlmodel import Field

from medperf_api.contract.base import NAME_LENGTH
from medperf_api.tables.base import NEVER_REUSED, Table, listed_by


class User(Table, table=True):
    """One person or service; ``username`` is the subject of their tokens."""

    __tablename__ = "users"
    __table_args__ = (listed_by(), NEVER_REUSED)

    username: str = Field(max_length=NAME_LENGTH, unique=True)
    email: str = Field(max_length=NAME_LENGTH, index=True)
    first_name: str = Field(default="", max_length=NAME_LENGTH)
    last_name: str = Field(default="", max_length=NAME_LENGTH)
    is_admin: bool = Field(default=False)
    is_active: bool = Field(default=True)
