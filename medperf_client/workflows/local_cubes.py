"""Containers that nobody registered: a configuration on this machine and the files beside it."""

from pathlib import Path

from medperf_client.errors import BadData
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.cubes import Cube

_CONFIGS = ("container_config.yaml", "mlcube.yaml")
# The older layout keeps in a folder of its own what goes with a container.
_WORKSPACE = "workspace"


def local_cube(
    ports: Ports,
    place: Path,
    *,
    parameters: Path | None = None,
    additional_files: Path | None = None,
    may_pull: bool = True,
) -> Cube:
    """The container whose configuration is at ``place``, or in that folder.

    Parameters and additional files lie beside it unless they are given. Raises: BadData,
    ContainerFailed (of the image).
    """
    config_file = _config_file(place)
    with ports.reporter.step(f"Read container {place}") as step:
        config = ports.files.read_config(config_file)
        return Cube(
            name=config_file.absolute().parent.name,
            config=config,
            image_id=ports.engine.resolve(config.image, None, step.line, may_pull=may_pull),
            parameters=parameters or _beside(config_file, "parameters.yaml"),
            additional_files=additional_files or _beside(config_file, "additional_files"),
        )


def local_hashes(ports: Ports, place: Path, cube: Cube) -> dict[str, str]:
    """The digests of a local container's files; empty text for what it has not. Raises: BadData."""
    config_file, additional_files = _config_file(place), cube.additional_files
    return {
        "config": _file_digest(ports, config_file),
        "parameters": _file_digest(ports, cube.parameters) if cube.parameters else "",
        "additional_files": ports.files.digest(additional_files, lambda _: None)
        if additional_files
        else "",
    }


def _file_digest(ports: Ports, file: Path) -> str:
    with ports.workspace.scratch() as scratch:
        return ports.assets.fetch(str(file), None, scratch / "copy", lambda done, total: None)


def _config_file(place: Path) -> Path:
    candidates = [place / name for name in _CONFIGS] if place.is_dir() else [place]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise BadData(
        f"There is no container at {place}.",
        hint="Give its container_config.yaml or mlcube.yaml, or the folder that it is in.",
    )


def _beside(config_file: Path, name: str) -> Path | None:
    folder = config_file.parent
    places = (folder / name, folder / _WORKSPACE / name)
    return next((place for place in places if place.exists()), None)
