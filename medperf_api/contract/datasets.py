"""A dataset on the wire: what describes the data, never the data."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from medperf_api.contract.base import (
    UNSET,
    Flag,
    Hash,
    Id,
    Int32,
    Json,
    Name,
    OptionalName,
    OptionalText,
    Partial,
    Registered,
    Wire,
)
from medperf_api.contract.states import State

EDITABLE_IN_OPERATION = frozenset({"is_valid", "user_metadata"})

# Everyone sees a dataset without these.
PRIVATE_FIELDS = frozenset({"owner", "report"})


def _development(_: object) -> State:
    return State.DEVELOPMENT


class DatasetCreate(Wire):
    """A new dataset. Operation comes later, once it was prepared, so its state is read-only."""

    name: Name
    description: OptionalText = ""
    location: OptionalName = ""
    input_data_hash: Hash
    generated_uid: Hash
    split_seed: Int32
    data_preparation_mlcube: Id
    is_valid: Flag = True
    submitted_as_prepared: Flag
    state: Annotated[State, BeforeValidator(_development)] = State.DEVELOPMENT
    generated_metadata: Json = Field(default_factory=dict)
    user_metadata: Json = Field(default_factory=dict)
    report: Json = Field(default_factory=dict)


class DatasetUpdate(Partial):
    """Changes to a dataset."""

    name: Name = UNSET
    description: OptionalText = UNSET
    location: OptionalName = UNSET
    input_data_hash: Hash = UNSET
    generated_uid: Hash = UNSET
    split_seed: Int32 = UNSET
    data_preparation_mlcube: Id = UNSET
    is_valid: Flag = UNSET
    submitted_as_prepared: Flag = UNSET
    state: State = UNSET
    generated_metadata: Json = UNSET
    user_metadata: Json = UNSET
    report: Json = UNSET


class DatasetPublic(Registered):
    """What everyone sees of a dataset."""

    name: str
    description: str = ""
    location: str = ""
    input_data_hash: str
    generated_uid: str
    split_seed: int
    data_preparation_mlcube: int
    is_valid: bool = True
    submitted_as_prepared: bool = False
    state: State
    generated_metadata: Json = Field(default_factory=dict)
    user_metadata: Json = Field(default_factory=dict)


class DatasetRead(DatasetPublic):
    """What its owner sees of a dataset."""

    owner: int
    report: Json = Field(default_factory=dict)
