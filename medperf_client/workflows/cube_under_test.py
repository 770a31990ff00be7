"""A container under test, by its number on the server or by its place on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medperf_api.contract.cubes import CubeRead
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.cubes import Cube, fetch_cube, known_cube
from medperf_client.workflows.local_cubes import local_cube, local_hashes


@dataclass(frozen=True, slots=True)
class CubeUnderTest:
    """A container that is here, and the digest of everything that it does depends on."""

    cube: Cube
    given: str  # as it was asked for
    hashes: Mapping[str, str]


def find_cube_under_test(
    ports: Ports, given: str, *, offline: bool = False, own_image: bool = False
) -> CubeUnderTest:
    """The container that ``given`` names: digits are a registered one's number, the rest is a path.

    ``own_image`` takes the image that is here, neither pulled nor compared. Raises: BadData,
    HashDiffers, ContainerFailed, Refused, OutOfOrder (offline, where it was never fetched), ….
    """
    if not (given.isascii() and given.isdecimal()):
        cube = local_cube(ports, Path(given), may_pull=not (offline or own_image))
        hashes = local_hashes(ports, Path(given), cube)
        return CubeUnderTest(cube, given, {**hashes, **_image(ports, cube)})
    registered = known_cube(ports, int(given), offline=offline)
    cube = fetch_cube(ports, registered, own_image=own_image, may_pull=not offline)
    return CubeUnderTest(cube, given, {**_hashes(registered), **_image(ports, cube)})


def _image(ports: Ports, cube: Cube) -> dict[str, str]:
    return {"image": ports.engine.digest(cube.image_id)}


def _hashes(registered: CubeRead) -> dict[str, str]:
    return {
        "config": registered.mlcube_hash,
        "parameters": registered.parameters_hash,
        "additional_files": registered.additional_files_tarball_hash,
    }
