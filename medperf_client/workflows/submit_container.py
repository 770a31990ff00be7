"""Registering a container: its assets are fetched, hashed and tried before anything is sent."""

from dataclasses import dataclass
from pathlib import Path

from medperf_api.contract.container_config import ContainerConfig
from medperf_api.contract.cubes import CubeCreate, CubeRead
from medperf_api.contract.digests import image_digest
from medperf_api.contract.states import State
from medperf_client.errors import UsageFault
from medperf_client.policy.sources import file_name, is_for_others, registered_url
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Proposal, Step
from medperf_client.workflows.bodies import filled

# Which option brings what a configuration can ask for.
_OPTIONS = {"parameters_file": "--parameters-file", "additional_files": "--additional-file"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file by URL or path, and its SHA-256 where the author says it beforehand."""

    source: str
    sha256: str | None = None

    @property
    def url(self) -> str:
        """Where others are told to fetch it from."""
        return registered_url(self.source)


@dataclass(frozen=True, slots=True)
class ContainerSubmission:
    """What an author says about a container."""

    name: str
    config: Asset
    parameters: Asset | None = None
    additional_files: Asset | None = None
    image_hash: str | None = None
    operational: bool = False

    @property
    def assets(self) -> tuple[Asset, ...]:
        """All that were given."""
        every = (self.config, self.parameters, self.additional_files)
        return tuple(asset for asset in every if asset is not None)


def submit_container(ports: Ports, request: ContainerSubmission) -> CubeRead:
    """Fetch, hash and read each asset, resolve the image, show what would be sent, ask, register.

    Raises: BadData (an asset is malformed or missing), HashDiffers, ContainerFailed (of the image),
    UsageFault, Declined, Refused, ….
    """
    for asset in request.assets:
        asset.url  # noqa: B018 - refuses what may not be registered before anything is fetched
    body, config = _examined(ports, request)
    ports.consent.require(
        Proposal(
            title="Registration of a container",
            question="Send this to the server?",
            body=body.model_dump(mode="json"),
            notes=tuple(_notes(request, config)),
        )
    )
    return ports.registry.create_cube(body)


def _examined(ports: Ports, request: ContainerSubmission) -> tuple[CubeCreate, ContainerConfig]:
    with (
        ports.workspace.scratch() as scratch,
        ports.reporter.step("Fetch and check the container's files") as step,
    ):
        (scratch / "config").mkdir()
        config_file = scratch / "config" / file_name(request.config.source)
        config_hash = _fetched(ports, request.config, config_file, step)
        config = ports.files.read_config(config_file)
        _require_declared(request, config)
        parameters_hash = _fetched(ports, request.parameters, scratch / "parameters", step)
        additional_hash = _fetched(ports, request.additional_files, scratch / "tarball", step)
        if additional_hash:
            ports.assets.extract(scratch / "tarball", scratch / "additional_files")
    body = filled(
        CubeCreate,
        name=request.name,
        git_mlcube_url=request.config.url,
        mlcube_hash=config_hash,
        git_parameters_url=request.parameters and request.parameters.url,
        parameters_hash=parameters_hash,
        additional_files_tarball_url=request.additional_files and request.additional_files.url,
        additional_files_tarball_hash=additional_hash,
        image_hash=_image_digest(ports, config, request.image_hash),
        state=State.OPERATION if request.operational else State.DEVELOPMENT,
    )
    return body, config


def _fetched(ports: Ports, asset: Asset | None, destination: Path, step: Step) -> str:
    """The digest of an asset that is here now; empty where there is none."""
    if asset is None:
        return ""
    return ports.assets.fetch(asset.source, asset.sha256, destination, step.progress)


def _require_declared(request: ContainerSubmission, config: ContainerConfig) -> None:
    given = {
        "parameters_file": request.parameters,
        "additional_files": request.additional_files,
    }
    for name, task in config.tasks.items():
        for label, asset in given.items():
            if asset is None and label in task.input_volumes:
                raise UsageFault(
                    f"The configuration's task {name} asks for {label}, which was not given.",
                    hint=f"Give it with {_OPTIONS[label]}, or take "
                    f"tasks.{name}.input_volumes.{label} out of the configuration.",
                )


def _image_digest(ports: Ports, config: ContainerConfig, expected: str | None) -> str:
    """The config digest of the image, which must be the expected one where that was given."""
    with ports.reporter.step(f"Find the image {config.image}") as step:
        wanted = image_digest(expected) if expected else None
        image_id = ports.engine.resolve(config.image, wanted, step.line)
        return wanted or ports.engine.digest(image_id)


def _notes(request: ContainerSubmission, config: ContainerConfig) -> list[str]:
    local = [asset.source for asset in request.assets if not is_for_others(asset.source)]
    notes = [
        f"Others fetch the image by its name, {config.image}, and run it under this hash alone: "
        "push it before you ask them to."
    ]
    if local:
        notes.append(
            f"WARNING: {', '.join(local)}: on this machine alone. You can try the container here; "
            "nobody else can run it until these files have web addresses."
        )
    return notes
