"""What can go wrong for a user, and the exit code each ends with.

    MedperfError                 1
    ├── Declined                 0   the user said no
    ├── UsageFault               2   the command cannot be meant that way
    ├── Refused                  3   the server said no
    │   └── OutOfOrder           3   the registry's state does not allow this step yet, or any more
    ├── ServerUnreachable        4
    ├── ContainerFailed          5   with its cause
    │   └── EngineUnavailable    5
    ├── BadData                  6
    │   └── HashDiffers          6
    ├── Cancelled                7
    └── NotLoggedIn              8

A message says what happened and why, a hint what to do next, ``left`` whether anything left.
"""

from enum import IntEnum, StrEnum

from medperf_api.contract.errors import Problem

NOTHING_LEFT = "Nothing left this machine."


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    REFUSED = 3
    UNREACHABLE = 4
    CONTAINER = 5
    BAD_DATA = 6
    CANCELLED = 7
    NOT_LOGGED_IN = 8


class Cause(StrEnum):
    """Why a container did not do its work, as a stable word."""

    EXIT_CODE = "exit_code"
    OUT_OF_MEMORY = "out_of_memory"
    TIMEOUT = "timeout"
    DISK_FULL = "disk_full"
    OUTPUT_LIMIT = "output_limit"
    BAD_OUTPUT = "bad_output"
    IMAGE_MISSING = "image_missing"
    COMMAND_MISSING = "command_missing"
    GPU_MISSING = "gpu_missing"
    ENGINE_REFUSED = "engine_refused"
    ENGINE_UNREACHABLE = "engine_unreachable"
    HASH_DIFFERS = "hash_differs"
    CANCELLED = "cancelled"


class MedperfError(Exception):
    """Base of everything a user is told about."""

    exit_code = ExitCode.UNEXPECTED

    def __init__(self, message: str, *, hint: str = "", left: str = NOTHING_LEFT) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.left = left


class Declined(MedperfError):
    """The user was asked and said no."""

    exit_code = ExitCode.DONE


class UsageFault(MedperfError):
    """The command line cannot be meant that way."""

    exit_code = ExitCode.USAGE


class Refused(MedperfError):
    """The server answered and said no."""

    exit_code = ExitCode.REFUSED

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        problem: Problem | None = None,
        hint: str = "",
        left: str = NOTHING_LEFT,
    ) -> None:
        super().__init__(message, hint=hint, left=left)
        self.status = status
        self.problem = problem


class OutOfOrder(Refused):
    """The registry's state does not allow this step yet, or does not any more."""


class ServerUnreachable(MedperfError):
    """No answer from the server, or none that it could have meant."""

    exit_code = ExitCode.UNREACHABLE


class ContainerFailed(MedperfError):
    """A container did not do its work.

    ``last_lines`` are the container's own words: shown, never trusted.
    """

    exit_code = ExitCode.CONTAINER

    def __init__(
        self,
        message: str,
        *,
        cause: Cause,
        last_lines: tuple[str, ...] = (),
        hint: str = "",
        left: str = NOTHING_LEFT,
    ) -> None:
        super().__init__(message, hint=hint, left=left)
        self.cause = cause
        self.last_lines = last_lines


class EngineUnavailable(ContainerFailed):
    """No container engine answers."""


class BadData(MedperfError):
    """A file, a folder or a document is not what it must be."""

    exit_code = ExitCode.BAD_DATA


class HashDiffers(BadData):
    """Something is not what was registered."""


class Cancelled(MedperfError):
    """The user pressed Ctrl+C, or the machine asked us to end."""

    exit_code = ExitCode.CANCELLED


class NotLoggedIn(MedperfError):
    """No token, or one the server no longer takes."""

    exit_code = ExitCode.NOT_LOGGED_IN
