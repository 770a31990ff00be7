"""A result on the wire: one model's metrics on one dataset, as its owner approved them."""

from pydantic import Field, JsonValue

from medperf_api.contract.base import (
    UNSET,
    Flag,
    Id,
    Json,
    Moment,
    NeededJson,
    OptionalName,
    Partial,
    Registered,
    Wire,
)
from medperf_api.contract.states import Approval

# A result is evidence: after creation these never change.
FIXED_FIELDS = frozenset({"benchmark", "model", "dataset", "results"})


class ResultCreate(Wire):
    """A new result."""

    name: OptionalName = ""
    benchmark: Id
    model: Id
    dataset: Id
    results: NeededJson
    metadata: Json = Field(default_factory=dict)
    user_metadata: Json = Field(default_factory=dict)
    is_valid: Flag = True


class ResultUpdate(Partial):
    """What an admin may change."""

    name: OptionalName = UNSET
    metadata: Json = UNSET
    user_metadata: Json = UNSET
    is_valid: Flag = UNSET
    approval_status: Approval = UNSET


class ResultRead(Registered):
    """A registered result."""

    owner: int
    name: str = ""
    benchmark: int
    model: int
    dataset: int
    results: JsonValue
    metadata: Json = Field(default_factory=dict)
    user_metadata: Json = Field(default_factory=dict)
    approval_status: Approval
    approved_at: Moment | None = None
    is_valid: bool = True
