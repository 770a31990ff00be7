"""The history of each pair of a dataset or model with a benchmark; the newest row counts."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from medperf_api.contract.states import Approval
from medperf_api.tables.base import NEVER_REUSED, Table, listed_by
from medperf_api.tables.columns import JsonDocument, Moment, by_value

PENDING = text("approval_status = 'PENDING'")


def _history(table: str, subject: str) -> tuple[Index | dict[str, bool], ...]:
    """Finds the newest row of a pair from either end, and keeps one pending row a pair."""
    return (
        Index(
            f"uq_{table}_pending_pair",
            subject,
            "benchmark",
            unique=True,
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
        Index(None, subject, "benchmark", "created_at", "id"),
        Index(None, "benchmark", subject, "created_at", "id"),
        Index(None, "initiated_by"),
        listed_by(),
        NEVER_REUSED,
    )


class Association(Table):
    """What both kinds of association have."""

    benchmark: int = Field(foreign_key="benchmarks.id")
    metadata_: object = Field(sa_type=JsonDocument, sa_column_kwargs={"name": "metadata"})
    initiated_by: int = Field(foreign_key="users.id")
    approval_status: Approval = Field(sa_type=by_value(Approval, "approval_status"))
    approved_at: datetime | None = Field(default=None, sa_type=Moment)


class DatasetAssociation(Association, table=True):
    """One step in the history of a dataset and a benchmark."""

    __tablename__ = "dataset_associations"
    __table_args__ = _history("dataset_associations", "dataset")

    dataset: int = Field(foreign_key="datasets.id")


class ModelAssociation(Association, table=True):
    """One step in the history of a model and a benchmark."""

    __tablename__ = "model_associations"
    __table_args__ = _history("model_associations", "model_mlcube")

    model_mlcube: int = Field(foreign_key="cubes.id")
    priority: int = Field(default=0)
