"""A benchmark on the wire: three cubes, a demo dataset, and where its approval stands."""

from pydantic import Field

from medperf_api.contract.base import (
    UNSET,
    Flag,
    Hash,
    Id,
    Json,
    Moment,
    Name,
    OptionalText,
    OptionalUrl,
    Partial,
    Registered,
    Url,
    Wire,
)
from medperf_api.contract.states import Approval, State

EDITABLE_IN_OPERATION = frozenset(
    {"is_valid", "is_active", "user_metadata", "approval_status", "demo_dataset_tarball_url"}
)

CUBE_FIELDS = ("data_preparation_mlcube", "reference_model_mlcube", "data_evaluator_mlcube")


class BenchmarkCreate(Wire):
    """A new benchmark, pending until an admin decides."""

    name: Name
    description: OptionalText = ""
    docs_url: OptionalUrl = ""
    demo_dataset_tarball_url: Url
    demo_dataset_tarball_hash: Hash
    demo_dataset_generated_uid: Hash
    data_preparation_mlcube: Id
    reference_model_mlcube: Id
    data_evaluator_mlcube: Id
    metadata: Json = Field(default_factory=dict)
    user_metadata: Json = Field(default_factory=dict)
    state: State = State.DEVELOPMENT
    is_valid: Flag = True
    is_active: Flag = True


class BenchmarkUpdate(Partial):
    """Changes to a benchmark; ``approval_status`` is an admin's."""

    name: Name = UNSET
    description: OptionalText = UNSET
    docs_url: OptionalUrl = UNSET
    demo_dataset_tarball_url: Url = UNSET
    demo_dataset_tarball_hash: Hash = UNSET
    demo_dataset_generated_uid: Hash = UNSET
    data_preparation_mlcube: Id = UNSET
    reference_model_mlcube: Id = UNSET
    data_evaluator_mlcube: Id = UNSET
    metadata: Json = UNSET
    user_metadata: Json = UNSET
    state: State = UNSET
    is_valid: Flag = UNSET
    is_active: Flag = UNSET
    approval_status: Approval = UNSET


class BenchmarkRead(Registered):
    """A registered benchmark."""

    owner: int
    name: str
    description: str = ""
    docs_url: str = ""
    demo_dataset_tarball_url: str
    demo_dataset_tarball_hash: str
    demo_dataset_generated_uid: str
    data_preparation_mlcube: int
    reference_model_mlcube: int
    data_evaluator_mlcube: int
    metadata: Json = Field(default_factory=dict)
    user_metadata: Json = Field(default_factory=dict)
    state: State
    is_valid: bool = True
    is_active: bool = True
    approval_status: Approval
    approved_at: Moment | None = None


class BenchmarkModel(Wire):
    """A model of a benchmark, in the list its data owners run; highest priority first."""

    model_mlcube: int
    approval_status: Approval
    created_at: Moment


class BenchmarkDataset(Wire):
    """A dataset of a benchmark, in the list its owner reads."""

    dataset: int
    approval_status: Approval
    created_at: Moment
