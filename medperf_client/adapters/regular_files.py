"""Files and folders that somebody else wrote, looked at without ever following a link."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from medperf_client.errors import BadData

MAX_DEPTH = 100  # folders in folders; deeper trees are made to break those who walk them

# Controls, marks that reverse what is displayed, and bytes that are no text.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def is_fit(name: str) -> bool:
    """Whether a name is text that can be shown as it is, in one line."""
    return _UNFIT.search(name) is None


def leads_out(place: str, target: str) -> bool:
    """Whether a link at ``place`` could leave the folder, wherever that is mounted.

    ``..`` may stand at the target's beginning alone, as many as there are real folders above the
    link: then no chain of such links passes through anything outside.
    """
    parts = target.split("/")
    ups = next((index for index, part in enumerate(parts) if part != os.pardir), len(parts))
    return target.startswith("/") or ups > place.count("/") or os.pardir in parts[ups:]


def kind(mode: int) -> str:
    """What an ``st_mode`` says a thing is, in words."""
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "a file")


@contextmanager
def told_reading(name: str, hint: str = "") -> Iterator[None]:
    """Turn the operating system's refusal to read ``name`` into BadData."""
    try:
        yield
    except OSError as error:
        raise unreadable(name, error, hint) from error


def unreadable(name: str, error: OSError, hint: str = "") -> BadData:
    """What to say of ``name``, which the operating system does not let us read."""
    return BadData(
        f"{name!r} cannot be read: {error.strerror or error}.",
        hint=hint or "Mend its permissions, or look at the disk it lies on.",
    )


def entries(folder: Path) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Everything below ``folder``, folders too, each with its path relative to it; no order.

    Links are given, never followed. One folder is open at a time and none is remembered but those
    still to be visited. Raises: BadData, for a folder that cannot be read or lies too deep.
    """
    waiting = [""]
    while waiting:
        place = waiting.pop()
        if place.count("/") >= MAX_DEPTH:
            raise BadData(
                f"{place[:80]!r}… lies more than {MAX_DEPTH} folders deep.",
                hint="Whoever wrote these files must lay them out flatter.",
            )
        with told_reading(place or str(folder)), os.scandir(folder / place) as found:
            for entry in found:
                name = f"{place}/{entry.name}" if place else entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(name)
                yield name, entry


def open_regular(path: Path, name: str) -> BinaryIO:
    """Open a regular file to read. Raises: BadData, for a link, a FIFO, a device, nothing.

    ``name`` is what the file is called in messages.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with told_reading(name):
        try:
            descriptor = os.open(path, flags)
        except OSError:
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                raise
            raise _irregular(name, mode) from None
        mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _irregular(name, mode)
    return os.fdopen(descriptor, "rb")


def _irregular(name: str, mode: int) -> BadData:
    return BadData(
        f"{name!r} is {kind(mode)}, not a file.", hint="Whoever wrote it must write a plain file."
    )
