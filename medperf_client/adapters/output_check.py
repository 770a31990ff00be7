"""Whether what a container wrote is plain files in plain folders, of a size that was allowed."""

import os
import stat
from pathlib import Path

from medperf_client.adapters.regular_files import entries, is_fit, kind, told_reading
from medperf_client.errors import BadData

_SPARSE_FROM_BYTES = 1024**2
# File systems that compress also store less than a file holds, though seldom this much less.
_SPARSE_FACTOR = 8

_MORE = "Raise the limit with `medperf profile set`, or tell the container's owner."
_HINT = "The container wrote it; nothing of it was kept. Tell the container's owner."


def require_regular(folder: Path, limit_bytes: int, limit_files: int) -> None:
    """Refuse output that is anything but regular files within the limits. Raises: BadData.

    Folders count as files do, since each takes room on the disk. Nothing is opened.
    """
    size = 0
    for count, (name, entry) in enumerate(entries(folder), start=1):
        with told_reading(name, hint=_HINT):
            status = entry.stat(follow_symlinks=False)
        _require_plain(name, status)
        size += status.st_size if stat.S_ISREG(status.st_mode) else 0
        if count > limit_files:
            raise BadData(
                f"There are more than {limit_files} files and folders.",
                hint=_MORE,
            )
        if size > limit_bytes:
            raise BadData(
                f"The files together hold more than {limit_bytes} bytes; {name!r} went over.",
                hint=_MORE,
            )


def _require_plain(name: str, status: os.stat_result) -> None:
    if not is_fit(name):
        raise BadData(f"The name {name!r} has characters that are no plain text.", hint=_HINT)
    if stat.S_ISDIR(status.st_mode):
        return
    if not stat.S_ISREG(status.st_mode):
        raise BadData(f"{name!r} is {kind(status.st_mode)}, not a file.", hint=_HINT)
    if status.st_nlink > 1:
        raise BadData(f"{name!r} is a hard link: another name has the same file.", hint=_HINT)
    if (
        status.st_size > _SPARSE_FROM_BYTES
        and status.st_blocks * 512 * _SPARSE_FACTOR < status.st_size
    ):
        raise BadData(
            f"{name!r} is sparse: it claims {status.st_size} bytes and holds "
            f"{status.st_blocks * 512}.",
            hint=_HINT,
        )
