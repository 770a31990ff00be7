"""A profile: one server, who the user is to it, and how containers run for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from medperf_client.errors import UsageFault
from medperf_client.policy.sandbox import Limits
from medperf_client.ports.bundle import RunSettings, Timeouts
from medperf_client.settings.values import LOOPBACK_HOSTS, read_value


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings by their key in the file; sizes are bytes, timeouts seconds; None is unset."""

    name: str
    server: str | None = None
    identity: str = "oidc"
    email: str | None = None
    issuer: str | None = None
    client_id: str | None = None
    audience: str | None = None
    certificate: Path | None = None
    storage: Path | None = None
    platform: str = "docker"
    gpus: str | None = None
    shm_size: int | None = None
    container_loglevel: str | None = None
    prepare_timeout: float | None = None
    sanity_check_timeout: float | None = None
    statistics_timeout: float | None = None
    infer_timeout: float | None = None
    evaluate_timeout: float | None = None
    memory: int | None = None
    cpus: float | None = None
    pids: int | None = None
    tmp_size: int | None = None
    log_size: int | None = None
    output_size: int | None = None
    output_files: int | None = None

    def changed(self, texts: Mapping[str, str]) -> "Profile":
        """This profile with other values; empty text changes nothing. Raises: UsageFault."""
        values: dict[str, Any] = {key: read_value(key, text) for key, text in texts.items()}
        return replace(self, **{key: value for key, value in values.items() if value is not None})

    @property
    def is_readable_on_the_way(self) -> bool:
        """Whether the server is elsewhere and spoken to without encryption."""
        parts = urlsplit(self.server or "")
        return parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS

    def require_server(self) -> str:
        """The server's address. Raises: UsageFault, while there is none."""
        if self.server is None:
            raise UsageFault(
                f"The profile {self.name!r} names no server yet.",
                hint="Set one: medperf profile set --server URL. "
                "Or use another profile: medperf profile activate local.",
            )
        return self.server

    def runs(self) -> RunSettings:
        """How containers run; what the profile leaves open keeps the sandbox's own bounds."""
        bounds = {
            "memory_bytes": self.memory,
            "cpus": self.cpus,
            "pids": self.pids,
            "tmp_bytes": self.tmp_size,
            "shm_bytes": self.shm_size,
            "log_bytes": self.log_size,
            "output_bytes": self.output_size,
            "output_files": self.output_files,
        }
        given: dict[str, Any] = {key: bound for key, bound in bounds.items() if bound is not None}
        return RunSettings(
            limits=Limits(**given),
            timeouts=Timeouts(
                prepare_s=self.prepare_timeout,
                sanity_check_s=self.sanity_check_timeout,
                statistics_s=self.statistics_timeout,
                infer_s=self.infer_timeout,
                evaluate_s=self.evaluate_timeout,
            ),
            gpus=self.gpus,
            shm_bytes=self.shm_size,
            container_loglevel=self.container_loglevel,
        )


# There without any file; a file may change their values, never remove them.
SHIPPED: Mapping[str, Profile] = {
    "default": Profile("default"),
    "local": Profile(
        "local",
        server="http://127.0.0.1:8000",
        identity="local",
        email="testdo@example.com",
    ),
}
FIRST_ACTIVE = "local"
