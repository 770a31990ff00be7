"""What describes data that stays where it is."""

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from medperf_api.contract.base import HASH_LENGTH, NAME_LENGTH
from medperf_api.contract.states import State
from medperf_api.tables.base import NEVER_REUSED, Table, listed_by
from medperf_api.tables.columns import JsonDocument, by_value

OPERATIONAL = text("state = 'OPERATION'")


class Dataset(Table, table=True):
    """A dataset; operational ones with the same content are one."""

    __tablename__ = "datasets"
    __table_args__ = (
        Index(
            "uq_datasets_operational_generated_uid",
            "generated_uid",
            unique=True,
            sqlite_where=OPERATIONAL,
            postgresql_where=OPERATIONAL,
        ),
        listed_by(),
        listed_by("owner"),
        listed_by("data_preparation_mlcube"),
        NEVER_REUSED,
    )

    owner: int = Field(foreign_key="users.id")
    name: str = Field(max_length=NAME_LENGTH)
    description: str = Field(sa_type=Text)
    location: str = Field(max_length=NAME_LENGTH)
    input_data_hash: str = Field(max_length=HASH_LENGTH)
    generated_uid: str = Field(max_length=HASH_LENGTH)
    split_seed: int
    data_preparation_mlcube: int = Field(foreign_key="cubes.id")
    is_valid: bool
    submitted_as_prepared: bool
    state: State = Field(sa_type=by_value(State, "state"))
    generated_metadata: object = Field(sa_type=JsonDocument)
    user_metadata: object = Field(sa_type=JsonDocument)
    report: object = Field(sa_type=JsonDocument)
