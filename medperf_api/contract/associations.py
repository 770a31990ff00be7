"""Associations on the wire: a dataset's or a model's place in a benchmark, kept as history."""

from pydantic import Field

from medperf_api.contract.base import (
    UNSET,
    Id,
    Int32,
    Json,
    Moment,
    NeededJson,
    Partial,
    Registered,
    Wire,
)
from medperf_api.contract.states import Approval


class _AssociationCreate(Wire):
    benchmark: Id
    metadata: NeededJson
    approval_status: Approval = Approval.PENDING


class DatasetAssociationCreate(_AssociationCreate):
    """A dataset asks, or is asked, to join; REJECTED withdraws an approved one."""

    dataset: Id


class ModelAssociationCreate(_AssociationCreate):
    """A model asks, or is asked, to join; REJECTED withdraws an approved one."""

    model_mlcube: Id


class DatasetAssociationUpdate(Partial):
    """A decision on the newest association of a pair."""

    approval_status: Approval = UNSET


class ModelAssociationUpdate(Partial):
    """A decision on the newest association of a pair, or its place in the order of runs."""

    approval_status: Approval = UNSET
    priority: Int32 = UNSET


class _AssociationRead(Registered):
    benchmark: int
    metadata: Json = Field(default_factory=dict)
    initiated_by: int
    approval_status: Approval
    approved_at: Moment | None = None


class DatasetAssociationRead(_AssociationRead):
    """A dataset's association."""

    dataset: int


class ModelAssociationRead(_AssociationRead):
    """A model's association; a higher priority runs first."""

    model_mlcube: int
    priority: int = 0


class DatasetAssociationEntry(Wire):
    """One step in the history of a dataset and a benchmark."""

    approval_status: Approval
    initiated_by: int
    approved_at: Moment | None = None
    created_at: Moment
    modified_at: Moment


class ModelAssociationEntry(DatasetAssociationEntry):
    """One step in the history of a model and a benchmark."""

    priority: int = 0
