"""What went wrong with a container or its engine, in the client's own errors."""

import contextlib
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from medperf_client.errors import Cause, ContainerFailed, EngineUnavailable
from medperf_client.ports.engine import ContainerJob

_ENOUGH_BYTES = 1024**2  # less free space than this after a failure: the disk was full
# The init process inside speaks when there is nothing to start.
_NO_COMMAND = "[FATAL tini"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a container ended; a cause is what is known beyond its exit code."""

    code: int
    cause: Cause | None = None


def failure(job: ContainerJob, ended: Ended, last_lines: tuple[str, ...]) -> ContainerFailed:
    """Why a run that ended badly did so, with what to do about it."""
    cause = ended.cause or _cause(job, ended.code, last_lines)
    limits = job.limits
    memory = limits.memory_bytes
    bound = "its memory limit" if memory is None else f"its memory limit of {memory >> 20} MiB"
    message, hint = {
        Cause.TIMEOUT: (
            f"{job.name} was stopped after its time limit of {limits.timeout_s:g} s."
            if limits.timeout_s
            else "",
            "Give it longer with the timeout options, or ask its author why it hangs.",
        ),
        Cause.OUT_OF_MEMORY: (
            f"{job.name} needed more than {bound}.",
            "Raise it with `medperf profile set --memory`, or ask its author how much it needs.",
        ),
        Cause.OUTPUT_LIMIT: (
            f"{job.name} wrote more than its limit of {limits.output_bytes >> 20} MiB or "
            f"{limits.output_files} files.",
            "Raise it with `medperf profile set --output-size`, or tell its author.",
        ),
        Cause.DISK_FULL: (
            f"{job.name} failed, and the disk it writes to is full.",
            "Free some space, or move the storage with MEDPERF_STORAGE.",
        ),
        Cause.COMMAND_MISSING: (
            f"{job.name} could not be started: its image lacks the command.",
            "Tell its author.",
        ),
    }.get(cause, (_exit_message(job, ended.code, last_lines), "Its log has all it said."))
    if job.log_file:
        hint = f"{hint} Log: {job.log_file}"
    return ContainerFailed(message, cause=cause, last_lines=last_lines, hint=hint)


def _cause(job: ContainerJob, code: int, last_lines: tuple[str, ...]) -> Cause:
    if code in {126, 127} and last_lines and last_lines[-1].startswith(_NO_COMMAND):
        return Cause.COMMAND_MISSING
    return Cause.DISK_FULL if _disk_is_full(job) else Cause.EXIT_CODE


def _exit_message(job: ContainerJob, code: int, last_lines: tuple[str, ...]) -> str:
    how = f"exit code {code}"
    if code > 128:
        with contextlib.suppress(ValueError):
            how = f"signal {signal.Signals(code - 128).name}"
    last = f" Its last words: {last_lines[-1]}" if last_lines else " It said nothing."
    return f"{job.name} failed with {how}.{last}"


def _disk_is_full(job: ContainerJob) -> bool:
    for path in job.outputs.values():
        with contextlib.suppress(OSError):
            if shutil.disk_usage(path).free < _ENOUGH_BYTES:
                return True
    return False


@contextmanager
def engine_faults(name: str = "") -> Iterator[None]:
    """Translate what the Docker SDK raises."""
    from docker.errors import APIError, DockerException, ImageNotFound
    from requests.exceptions import RequestException

    try:
        yield
    except ImageNotFound as error:
        raise ContainerFailed(
            f"The image of {name or 'a container'} has gone from the engine.",
            cause=Cause.IMAGE_MISSING,
            hint="Run the command again; it will be fetched anew.",
        ) from error
    except APIError as error:
        raise _refusal(name, str(error.explanation or error)) from error
    except (DockerException, RequestException) as error:
        raise unavailable(error, name) from error


_REFUSALS = (
    # An engine that runs as root is kept out of many network drives.
    (
        "invalid mount config",
        Cause.ENGINE_REFUSED,
        "The engine cannot reach that folder: use one on a disk of the engine's own machine, and "
        "move the storage with MEDPERF_STORAGE.",
    ),
    ("could not select device driver", Cause.GPU_MISSING, "This engine offers no GPU."),
    ("no space left", Cause.DISK_FULL, "Free some space where the engine keeps its containers."),
    ("executable file not found", Cause.COMMAND_MISSING, "Its image lacks the command."),
    ("no such file or directory", Cause.COMMAND_MISSING, "Its image lacks the command."),
    ("permission denied", Cause.COMMAND_MISSING, "Its command may not be run by other users."),
)


def _refusal(name: str, explanation: str) -> ContainerFailed:
    for words, cause, hint in _REFUSALS:
        if words in explanation.lower():
            return ContainerFailed(
                f"{name or 'A container'} could not be started: {explanation}",
                cause=cause,
                hint=f"{hint} Tell its author." if cause is Cause.COMMAND_MISSING else hint,
            )
    return ContainerFailed(
        f"The container engine refused {name or 'a request'}: {explanation}",
        cause=Cause.ENGINE_REFUSED,
        hint="The engine's own log says more.",
    )


def unavailable(error: Exception, name: str = "") -> EngineUnavailable:
    """No answer from the engine; ``name`` is the container that was at work, if any was."""
    denied = "permission denied" in str(error).lower()
    return EngineUnavailable(
        "The container engine does not let you in: you may not use its socket."
        if denied
        else f"No container engine answers{f' any more: {name} was cut off' if name else ''}.",
        cause=Cause.ENGINE_UNREACHABLE,
        hint="Ask for membership in the group `docker`, or use rootless podman."
        if denied
        else "Start Docker or podman's socket, or set DOCKER_HOST to where it listens.",
    )
