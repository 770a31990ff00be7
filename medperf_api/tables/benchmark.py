"""Three cubes and a demo dataset that together measure models."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from medperf_api.contract.base import HASH_LENGTH, NAME_LENGTH
from medperf_api.contract.states import Approval, State
from medperf_api.tables.base import NEVER_REUSED, Table, listed_by
from medperf_api.tables.columns import JsonDocument, Moment, by_value

PENDING = text("approval_status = 'PENDING'")


class Benchmark(Table, table=True):
    """A benchmark; a user has at most one that is pending."""

    __tablename__ = "benchmarks"
    __table_args__ = (
        Index(
            "uq_benchmarks_pending_owner",
            "owner",
            unique=True,
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
        listed_by(),
        listed_by("owner"),
        NEVER_REUSED,
    )

    owner: int = Field(foreign_key="users.id")
    name: str = Field(max_length=NAME_LENGTH, unique=True)
    description: str = Field(sa_type=Text)
    docs_url: str = Field(sa_type=Text)
    demo_dataset_tarball_url: str = Field(sa_type=Text)
    demo_dataset_tarball_hash: str = Field(max_length=HASH_LENGTH)
    demo_dataset_generated_uid: str = Field(max_length=HASH_LENGTH)
    data_preparation_mlcube: int = Field(foreign_key="cubes.id", index=True)
    reference_model_mlcube: int = Field(foreign_key="cubes.id", index=True)
    data_evaluator_mlcube: int = Field(foreign_key="cubes.id", index=True)
    metadata_: object = Field(sa_type=JsonDocument, sa_column_kwargs={"name": "metadata"})
    user_metadata: object = Field(sa_type=JsonDocument)
    state: State = Field(sa_type=by_value(State, "state"))
    is_valid: bool
    is_active: bool
    approval_status: Approval = Field(sa_type=by_value(Approval, "approval_status"))
    approved_at: datetime | None = Field(default=None, sa_type=Moment)
