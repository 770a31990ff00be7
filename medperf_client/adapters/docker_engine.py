"""Containers in the sandbox of ``policy.sandbox``, over the Docker API (Docker, or podman's)."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from medperf_client.adapters.container_log import ContainerLog
from medperf_client.adapters.container_owner import MARK, is_abandoned, own_labels
from medperf_client.adapters.docker_faults import Ended, engine_faults, failure, unavailable
from medperf_client.adapters.docker_images import DockerImages
from medperf_client.adapters.docker_memory import ran_out_of_memory
from medperf_client.adapters.docker_options import container_options, with_network
from medperf_client.adapters.docker_output import OutputReader
from medperf_client.adapters.output_watch import OutputWatch
from medperf_client.adapters.uninterrupted import uninterrupted
from medperf_client.errors import Cause
from medperf_client.ports.engine import ContainerJob, OnLine


class DockerEngine:
    """A ``ContainerEngine`` over one connection, made when it is first needed.

    ``open_network`` is for an author's trial of a container of his own, and for nothing else.
    """

    def __init__(self, *, open_network: bool = False) -> None:
        self._open_network = open_network
        self._looked_for_leftovers = False

    def check(self) -> str:
        """The engine's name and version. Raises: EngineUnavailable."""
        with engine_faults():
            version = self._api.version()
        name = version.get("Platform", {}).get("Name") or "Docker Engine"
        return f"{name} {version.get('Version', '')}".strip()

    def resolve(
        self, image: str, registered: str | None, on_line: OnLine, *, may_pull: bool = True
    ) -> str:
        """The id to run ``image`` by. Raises: ContainerFailed, HashDiffers."""
        with engine_faults():
            return self._images.resolve(image, registered, on_line, may_pull=may_pull)

    def digest(self, image_id: str) -> str:
        """The config digest of an image that is here. Raises: ContainerFailed."""
        with engine_faults():
            return self._images.digest(image_id)

    def run(self, job: ContainerJob, on_line: OnLine) -> None:
        """Run to completion and remove the container. Raises: ContainerFailed, with its cause."""
        self.remove_leftovers()
        # The container goes before its output is closed: that is how a cut-off output ends.
        with (
            ContainerLog(job.log_file, job.limits.log_bytes, on_line) as log,
            OutputReader(log) as reader,
            self._container(job) as container,
        ):
            ended = self._run(container, job, reader)
        if ended.cause is not None or ended.code != 0:
            raise failure(job, ended, tuple(log.last))

    def close(self) -> None:
        """Close the connection, where one was made."""
        if "_api" in self.__dict__:
            self._api.close()

    @cached_property
    def _api(self) -> Any:
        import docker
        from docker.errors import DockerException

        try:
            # As the `docker` command finds it: DOCKER_HOST, then the usual socket.
            host = os.environ.get("DOCKER_HOST") or _socket()
            return docker.APIClient(base_url=host, version="auto", timeout=60)
        except DockerException as error:
            raise unavailable(error) from error

    @cached_property
    def _info(self) -> dict[str, Any]:
        with engine_faults():
            return dict(self._api.info())

    @cached_property
    def _images(self) -> DockerImages:
        status = dict(self._info.get("DriverStatus") or ())
        keeps_manifests = "containerd.snapshotter" in str(status.get("driver-type", ""))
        return DockerImages(self._api, keeps_manifests=keeps_manifests)

    def remove_leftovers(self) -> None:
        """Remove what dead clients of this user left; looked for once. Raises: ContainerFailed."""
        from docker.errors import APIError

        if self._looked_for_leftovers:
            return
        with engine_faults():
            for found in self._api.containers(all=True, filters={"label": f"{MARK}=1"}):
                if is_abandoned(found["Labels"]):
                    # One that the engine cannot remove is no reason not to run others.
                    with contextlib.suppress(APIError):
                        self._remove(found["Id"])
        self._looked_for_leftovers = True

    @contextmanager
    def _container(self, job: ContainerJob) -> Iterator[str]:
        """A container that exists while it is used, and not a moment longer."""
        from docker.errors import DockerException

        with engine_faults(job.name):
            config = self._api.inspect_image(job.image_id).get("Config") or {}
        options = container_options(job, self._info, own_labels(), config.get("Volumes") or ())
        if self._open_network:
            options = with_network(options)
        made = ""
        try:
            # Interrupted here, we would never learn the name of what the engine is making.
            with engine_faults(job.name), uninterrupted():
                made = self._api.create_container_from_config(options)["Id"]
            yield made
        finally:
            if made:
                # The engine may be gone, or about to remove it: the next client looks again.
                with uninterrupted(), contextlib.suppress(DockerException, OSError):
                    self._remove(made)

    def _remove(self, container: str) -> None:
        from docker.errors import NotFound

        with contextlib.suppress(NotFound):
            self._api.remove_container(container, force=True, v=True)

    def _run(self, container: str, job: ContainerJob, reader: OutputReader) -> Ended:
        def stop() -> None:
            self._kill(container)

        with engine_faults(job.name):
            reader.follow(self._api.attach(container, stream=True), stop)
            self._api.start(container)
            with OutputWatch(job, stop) as watch:
                code, timed_out = self._wait(container, job.limits.timeout_s)
            reader.finish()
            out_of_memory = ran_out_of_memory(self._api, container, code)
        cause = (
            watch.exceeded
            or (Cause.TIMEOUT if timed_out else None)
            or (Cause.OUT_OF_MEMORY if out_of_memory else None)
        )
        return Ended(code, cause)

    def _wait(self, container: str, timeout_s: float | None) -> tuple[int, bool]:
        """The exit code, and whether time ran out first."""
        from requests.exceptions import ConnectionError as Broken
        from requests.exceptions import ReadTimeout

        try:
            return int(self._api.wait(container, timeout=timeout_s)["StatusCode"]), False
        except (ReadTimeout, Broken) as error:
            if timeout_s is None or "timed out" not in str(error).lower():
                raise
        self._kill(container)
        return int(self._api.wait(container, timeout=60)["StatusCode"]), True

    def _kill(self, container: str) -> None:
        from docker.errors import APIError
        from requests.exceptions import RequestException

        # It may have ended by itself in the meantime, or the engine did: the wait will tell.
        with contextlib.suppress(APIError, RequestException):
            self._api.kill(container)


def _socket() -> str | None:
    """Podman's socket of this user, where Docker's is missing; None leaves it to the SDK."""
    podman = Path(os.environ.get("XDG_RUNTIME_DIR", ""), "podman", "podman.sock")
    return (
        None if Path("/var/run/docker.sock").exists() or not podman.exists() else f"unix://{podman}"
    )
