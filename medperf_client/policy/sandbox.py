"""What a container may use, and what it never may: one description for every engine."""

from dataclasses import dataclass, replace
from typing import Self

from medperf_client.errors import UsageFault

GIB = 1024**3
MIB = 1024**2

# Held for every run by every engine; no profile or configuration loosens them, and no option but
# `container run_test --allow_network`, which is given nothing that was ever registered.
NETWORK = "none"
OPEN_NETWORK = "default"
DROPPED_CAPABILITIES = ("ALL",)
SECURITY_OPTIONS = ("no-new-privileges",)
TMPFS = {"/tmp": "rw,nosuid,nodev,exec,mode=1777"}  # noqa: S108 - the container's own, in memory
HOME = "/tmp"  # noqa: S108 - the only place a container without a user of its own can write


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one container run. The defaults suit a workstation; a profile may change them."""

    memory_bytes: int | None = None  # also memory plus swap; None: three quarters of the machine's
    cpus: float | None = None  # None: all
    pids: int = 512
    tmp_bytes: int = GIB
    shm_bytes: int = 64 * MIB
    log_bytes: int = 64 * MIB
    output_bytes: int = 100 * GIB
    output_files: int = 1_000_000
    timeout_s: float | None = None  # None: as long as it takes

    def with_timeout(self, timeout_s: float | None) -> Self:
        """The same bounds with another wall clock; None changes nothing."""
        return self if timeout_s is None else replace(self, timeout_s=timeout_s)


_UNITS = {"": 1, "b": 1, "k": 1024, "m": MIB, "g": GIB, "t": 1024 * GIB}


def size_bytes(text: str) -> int:
    """``64m``, ``1.5g``, ``2GiB`` or a plain number, as at least one byte. Raises: UsageFault.

    To an engine 0 and -1 mean no limit at all.
    """
    cleaned = text.strip().lower().removesuffix("ib")
    cleaned = cleaned[:-1] if cleaned[-2:-1].isalpha() and cleaned.endswith("b") else cleaned
    number, unit = (cleaned[:-1], cleaned[-1:]) if cleaned[-1:].isalpha() else (cleaned, "")
    try:
        size = int(float(number) * _UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        size = 0
    if size < 1:
        raise UsageFault(
            f"{text!r} is not a size.", hint="Write a number and a unit, such as 512m or 2g."
        )
    return size
