"""A cube on the wire: a container and its assets, whichever task it does."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from medperf_api.contract.base import (
    UNSET,
    Flag,
    Hash,
    Json,
    Name,
    OptionalHash,
    OptionalUrl,
    Partial,
    Registered,
    Url,
    Wire,
)
from medperf_api.contract.states import State

# Assets may move to another address; what they contain may not change.
EDITABLE_IN_OPERATION = frozenset(
    {
        "is_valid",
        "user_metadata",
        "git_mlcube_url",
        "git_parameters_url",
        "image_tarball_url",
        "additional_files_tarball_url",
    }
)

# Together they say what a cube is; no two cubes share all five.
IDENTITY_HASHES = (
    "image_tarball_hash",
    "image_hash",
    "additional_files_tarball_hash",
    "mlcube_hash",
    "parameters_hash",
)

_PAIRS = (
    ("git_parameters_url", "parameters_hash"),
    ("additional_files_tarball_url", "additional_files_tarball_hash"),
    ("image_tarball_url", "image_tarball_hash"),
)


class CubeCreate(Wire):
    """A new cube. Its assets are named by URL and pinned by hash."""

    name: Name
    git_mlcube_url: Url
    mlcube_hash: Hash
    git_parameters_url: OptionalUrl = ""
    parameters_hash: OptionalHash = ""
    image_hash: OptionalHash = ""
    image_tarball_url: OptionalUrl = ""
    image_tarball_hash: OptionalHash = ""
    additional_files_tarball_url: OptionalUrl = ""
    additional_files_tarball_hash: OptionalHash = ""
    state: State = State.DEVELOPMENT
    is_valid: Flag = True
    metadata: Json = Field(default_factory=dict)
    user_metadata: Json = Field(default_factory=dict)


class CubeUpdate(Partial):
    """Changes to a cube."""

    name: Name = UNSET
    git_mlcube_url: Url = UNSET
    mlcube_hash: Hash = UNSET
    git_parameters_url: OptionalUrl = UNSET
    parameters_hash: OptionalHash = UNSET
    image_hash: OptionalHash = UNSET
    image_tarball_url: OptionalUrl = UNSET
    image_tarball_hash: OptionalHash = UNSET
    additional_files_tarball_url: OptionalUrl = UNSET
    additional_files_tarball_hash: OptionalHash = UNSET
    state: State = UNSET
    is_valid: Flag = UNSET
    metadata: Json = UNSET
    user_metadata: Json = UNSET


class CubeRead(Registered):
    """A registered cube."""

    owner: int
    name: str
    git_mlcube_url: str
    mlcube_hash: str
    git_parameters_url: str = ""
    parameters_hash: str = ""
    image_hash: str = ""
    image_tarball_url: str = ""
    image_tarball_hash: str = ""
    additional_files_tarball_url: str = ""
    additional_files_tarball_hash: str = ""
    state: State
    is_valid: bool = True
    metadata: Json = Field(default_factory=dict)
    user_metadata: Json = Field(default_factory=dict)


def asset_faults(cube: Mapping[str, Any]) -> list[str]:
    """What is wrong with a cube's assets taken together; empty when nothing is.

    ``cube`` holds at least the URLs and hashes of the assets, as text.
    """
    faults = [
        f"{url} and {digest} are given together or not at all."
        for url, digest in _PAIRS
        if bool(cube[url]) != bool(cube[digest])
    ]
    if bool(cube["image_hash"]) == bool(cube["image_tarball_hash"]):
        faults.append("Exactly one of image_hash and image_tarball_hash is needed.")
    return faults
