"""The container engine, and one container run described without reference to any."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from medperf_client.policy.sandbox import Limits

OnLine = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ContainerJob:
    """One container run. What must always hold (no network, no capabilities) is no field here."""

    image_id: str  # what the engine runs by, already checked against the registered hash
    name: str  # for people, in messages: "chestxray-linear infer"
    inputs: Mapping[str, Path]  # mount point -> host path, read-only
    outputs: Mapping[str, Path]  # mount point -> host path, writable, exists already
    limits: Limits
    command: tuple[str, ...] | None = None  # None: the image's own
    entrypoint: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    shm_bytes: int | None = None
    gpus: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    log_file: Path | None = None  # where every line is kept, 0600


class ContainerEngine(Protocol):
    """Runs containers in the sandbox of ``policy.sandbox``."""

    def check(self) -> str:
        """The engine's name and version. Raises: EngineUnavailable."""

    def resolve(
        self, image: str, registered: str | None, on_line: OnLine, *, may_pull: bool = True
    ) -> str:
        """The id to run ``image`` by, pulling it only where it is not here yet, or never.

        ``registered`` is the config digest the registry holds (``sha256:…``); None accepts what
        is here, for a cube under test. An image that is here under the registered digest is taken
        whatever its name. Raises: ContainerFailed (image_missing, engine_unreachable),
        HashDiffers.
        """

    def digest(self, image_id: str) -> str:
        """The config digest, ``sha256:…``, of an image that is here."""

    def run(self, job: ContainerJob, on_line: OnLine) -> None:
        """Run to completion, then remove the container, whatever happens.

        ``on_line`` is called from another thread, in order, once a line of output. Leftovers are
        removed before the first run. Raises: ContainerFailed, with its cause.
        """

    def remove_leftovers(self) -> None:
        """Remove containers that a dead client of this user left. Raises: ContainerFailed."""
