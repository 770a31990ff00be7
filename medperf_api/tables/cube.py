"""A container, whichever task it does."""

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from medperf_api.contract.base import HASH_LENGTH, NAME_LENGTH
from medperf_api.contract.cubes import IDENTITY_HASHES
from medperf_api.contract.states import State
from medperf_api.tables.base import NEVER_REUSED, Table, listed_by
from medperf_api.tables.columns import JsonDocument, by_value


class Cube(Table, table=True):
    """A cube: its assets by URL, pinned by hash."""

    __tablename__ = "cubes"
    __table_args__ = (
        UniqueConstraint(*IDENTITY_HASHES, name="uq_cubes_hashes"),
        listed_by(),
        listed_by("owner"),
        NEVER_REUSED,
    )

    owner: int = Field(foreign_key="users.id")
    name: str = Field(max_length=NAME_LENGTH, unique=True)
    git_mlcube_url: str = Field(sa_type=Text)
    mlcube_hash: str = Field(max_length=HASH_LENGTH)
    git_parameters_url: str = Field(sa_type=Text)
    parameters_hash: str = Field(max_length=HASH_LENGTH)
    image_hash: str = Field(max_length=HASH_LENGTH)
    image_tarball_url: str = Field(sa_type=Text)
    image_tarball_hash: str = Field(max_length=HASH_LENGTH)
    additional_files_tarball_url: str = Field(sa_type=Text)
    additional_files_tarball_hash: str = Field(max_length=HASH_LENGTH)
    state: State = Field(sa_type=by_value(State, "state"))
    is_valid: bool
    # SQLAlchemy keeps the name "metadata" for itself, so the attribute is called otherwise.
    metadata_: object = Field(sa_type=JsonDocument, sa_column_kwargs={"name": "metadata"})
    user_metadata: object = Field(sa_type=JsonDocument)
