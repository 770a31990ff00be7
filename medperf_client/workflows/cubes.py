"""Bringing a cube here: its configuration, its files and its image, each checked by hash."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from medperf_api.contract.container_config import ContainerConfig
from medperf_api.contract.cubes import IDENTITY_HASHES, CubeRead
from medperf_api.contract.digests import image_digest, text_digest
from medperf_client.errors import BadData, OutOfOrder
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Step

_REGISTRATION = "registration.json"


@dataclass(frozen=True, slots=True)
class Cube:
    """A cube that is here and is what was registered."""

    name: str
    config: ContainerConfig
    image_id: str
    parameters: Path | None
    additional_files: Path | None


class _Unpacked(BaseModel):
    tarball_hash: str


def fetch_cube(
    ports: Ports, registered: CubeRead, *, own_image: bool = False, may_pull: bool = True
) -> Cube:
    """Bring all that a registered cube needs to run.

    ``own_image`` takes the image that bears the configuration's name here, whatever its digest: for
    an author's tests. Raises: HashDiffers, BadData, ServerUnreachable (of an asset),
    ContainerFailed (of the image).
    """
    with ports.reporter.step(f"Fetch container {registered.id}: {registered.name}") as step:
        config_file = _fetch(
            ports,
            registered,
            registered.git_mlcube_url,
            registered.mlcube_hash,
            "container_config.yaml",
            step,
        )
        assert config_file is not None  # noqa: S101 - a registered cube always has a configuration
        config = ports.files.read_config(config_file)
        cube = Cube(
            name=registered.name,
            config=config,
            parameters=_fetch(
                ports,
                registered,
                registered.git_parameters_url,
                registered.parameters_hash,
                "parameters.yaml",
                step,
            ),
            additional_files=_additional_files(ports, registered, step),
            image_id=ports.engine.resolve(config.image, None, step.line, may_pull=False)
            if own_image
            else _image(ports, registered, config, step, may_pull),
        )
        keep_registration(ports, registered)
        return cube


def keep_registration(ports: Ports, registered: CubeRead) -> None:
    """Remember what the server says of a cube, for commands that may not ask it."""
    home = ports.workspace.folder("cubes", str(registered.id))
    ports.workspace.write(home / _REGISTRATION, registered)


def known_cube(ports: Ports, cube_id: int, *, offline: bool = False) -> CubeRead:
    """A cube's registration: the server's word, or offline what was kept of it.

    Raises: OutOfOrder, where none was kept; Refused, ….
    """
    if not offline:
        return ports.registry.cube(cube_id)
    kept = _kept_registration(ports, cube_id)
    if kept is None:
        raise OutOfOrder(
            f"Container {cube_id} was never fetched to this machine, and --offline asks no server.",
            hint="Run the command once without --offline, or name a container of this machine.",
        )
    return kept


def was_fetched(ports: Ports, registered: CubeRead) -> bool:
    """Whether this version of a cube came here whole; its image may have been removed since."""
    kept = _kept_registration(ports, registered.id)
    return kept is not None and cube_identity(kept) == cube_identity(registered)


def cube_identity(registered: CubeRead) -> str:
    """One digest of all that a cube's behaviour depends on, 64 digits."""
    return text_digest("\n".join(getattr(registered, name) for name in IDENTITY_HASHES).encode())


def _kept_registration(ports: Ports, cube_id: int) -> CubeRead | None:
    home = ports.workspace.path("cubes", str(cube_id))
    return ports.workspace.read(home / _REGISTRATION, CubeRead)


def _fetch(
    ports: Ports, registered: CubeRead, url: str, expected: str, name: str, step: Step
) -> Path | None:
    if not url:
        return None
    destination = ports.workspace.folder("cubes", str(registered.id)) / name
    ports.assets.fetch(url, expected, destination, step.progress)
    return destination


def _additional_files(ports: Ports, registered: CubeRead, step: Step) -> Path | None:
    """The unpacked additional files; the tarball goes once they are in their place."""
    url, expected = (
        registered.additional_files_tarball_url,
        registered.additional_files_tarball_hash,
    )
    if not url:
        return None
    home = ports.workspace.folder("cubes", str(registered.id))
    unpacked, marker = home / "additional_files", home / "additional_files.json"
    seen = ports.workspace.read(marker, _Unpacked)
    if seen is not None and seen.tarball_hash == expected and unpacked.is_dir():
        return unpacked
    with ports.workspace.scratch() as scratch:
        ports.assets.fetch(url, expected, scratch / "tarball", step.progress)
        ports.assets.extract(scratch / "tarball", scratch / "unpacked")
        ports.workspace.adopt(scratch / "unpacked", unpacked)
    ports.workspace.write(marker, _Unpacked(tarball_hash=expected))
    return unpacked


def _image(
    ports: Ports, registered: CubeRead, config: ContainerConfig, step: Step, may_pull: bool
) -> str:
    if not registered.image_hash:
        raise BadData(
            f"Container {registered.id} comes as an image archive, which this client cannot load.",
            hint="Ask its owner to register an image by its digest.",
        )
    return ports.engine.resolve(
        config.image, image_digest(registered.image_hash), step.line, may_pull=may_pull
    )
