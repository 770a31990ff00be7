"""What every table has: a number, two times, and constraints with predictable names."""

from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import Index, MetaData
from sqlmodel import Field, SQLModel

from medperf_api.tables.columns import Moment

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# A deleted object's number is never given to another: clients keep files under it.
NEVER_REUSED = {"sqlite_autoincrement": True}


def utc_now() -> datetime:
    """This moment, aware."""
    return datetime.now(UTC)


class Stored(SQLModel):
    """Whatever has a table of its own."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING_CONVENTION)


class Table(Stored):
    """A registered object as it is stored."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(
        sa_type=Moment, nullable=False, sa_column_kwargs={"default": utc_now}
    )
    modified_at: datetime = Field(
        sa_type=Moment, nullable=False, sa_column_kwargs={"default": utc_now}
    )
    # How often the row was written: what an ETag says, and what a change is compared with.
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


def listed_by(*columns: str) -> Index:
    """The index behind a list that is filtered by ``columns`` and ordered by change."""
    return Index(None, *columns, "modified_at", "id")
