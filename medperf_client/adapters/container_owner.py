"""Which client a container belongs to, as labels, and whether that client is still alive."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path

MARK = "org.medperf.client"
_HOST, _BOOT, _UID, _SPACE, _PID, _START = (
    f"org.medperf.owner.{part}" for part in ("host", "boot", "uid", "pidns", "pid", "start")
)


def own_labels() -> dict[str, str]:
    """Labels that name this process beyond doubt, also after its number was given to another."""
    pid = os.getpid()
    return {
        MARK: "1",
        _HOST: platform.node(),
        _BOOT: _boot(),
        _UID: str(os.getuid()),
        _SPACE: _pid_namespace(),
        _PID: str(pid),
        _START: _started(pid),
    }


def is_abandoned(labels: Mapping[str, str]) -> bool:
    """Whether a container of this user's on this machine has lost its client."""
    own = own_labels()
    if any(labels.get(name) != own[name] for name in (MARK, _HOST, _UID)):
        return False
    if labels.get(_BOOT) != own[_BOOT]:
        return True
    if labels.get(_SPACE) != own[_SPACE]:
        # A client in another container: its number means nothing here.
        return False
    pid = labels.get(_PID, "")
    return pid.isdigit() and _started(int(pid)) != labels.get(_START)


def _started(pid: int) -> str:
    """When a process began, in the kernel's ticks; empty when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _lives(pid)
    # A zombie holds its number and does nothing any more.
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _lives(pid: int) -> str:
    """Where there is no /proc: the same word for every living process."""
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"


def _boot() -> str:
    return _read("/proc/sys/kernel/random/boot_id")


def _pid_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
