"""One model's metrics on one dataset."""

from datetime import datetime

from sqlmodel import Field

from medperf_api.contract.base import NAME_LENGTH
from medperf_api.contract.states import Approval
from medperf_api.tables.base import NEVER_REUSED, Table, listed_by
from medperf_api.tables.columns import JsonDocument, Moment, by_value


class Result(Table, table=True):
    """A result, as the data's owner approved it."""

    __tablename__ = "results"
    __table_args__ = (
        listed_by(),
        listed_by("owner"),
        listed_by("benchmark"),
        listed_by("model"),
        listed_by("dataset"),
        NEVER_REUSED,
    )

    owner: int = Field(foreign_key="users.id")
    name: str = Field(max_length=NAME_LENGTH)
    benchmark: int = Field(foreign_key="benchmarks.id")
    model: int = Field(foreign_key="cubes.id")
    dataset: int = Field(foreign_key="datasets.id")
    results: object = Field(sa_type=JsonDocument)
    metadata_: object = Field(sa_type=JsonDocument, sa_column_kwargs={"name": "metadata"})
    user_metadata: object = Field(sa_type=JsonDocument)
    approval_status: Approval = Field(sa_type=by_value(Approval, "approval_status"))
    approved_at: datetime | None = Field(default=None, sa_type=Moment)
    is_valid: bool
