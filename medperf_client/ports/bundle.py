"""All ports of one command, as the workflows receive them, and the settings of its runs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from medperf_client.policy.sandbox import Limits

if TYPE_CHECKING:
    # A listing does not wait for the shapes of what it has no use for.
    from medperf_client.ports.assets import AssetSource
    from medperf_client.ports.engine import ContainerEngine
    from medperf_client.ports.registry import Registry
    from medperf_client.ports.reporter import Consent, Reporter
    from medperf_client.ports.workspace import Files, Workspace


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Wall clock of each task in seconds; None lets it take as long as it takes."""

    prepare_s: float | None = None
    sanity_check_s: float | None = None
    statistics_s: float | None = None
    infer_s: float | None = None
    evaluate_s: float | None = None


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How containers run for this command: profile and global options together."""

    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    gpus: str | None = None
    shm_bytes: int | None = None
    container_loglevel: str | None = None


class Ports(Protocol):
    """Each is made when first asked for: a listing needs no engine, and none is looked for."""

    @property
    def registry(self) -> "Registry": ...

    @property
    def engine(self) -> "ContainerEngine": ...

    @property
    def workspace(self) -> "Workspace": ...

    @property
    def files(self) -> "Files": ...

    @property
    def assets(self) -> "AssetSource": ...

    @property
    def reporter(self) -> "Reporter": ...

    @property
    def consent(self) -> "Consent": ...

    @property
    def runs(self) -> RunSettings: ...

    def now(self) -> datetime:
        """The time, aware, in UTC."""
