"""What is mounted below a folder: an engine's read-only mount does not reach into it by itself."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

_TABLE = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def mounts_below(folder: Path) -> Iterator[Path]:
    """Paths relative to ``folder`` where another file system begins, outer ones first.

    None where the system has no table of mounts.
    """
    home = Path(os.path.realpath(folder))
    try:
        lines = _TABLE.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    points = {Path(_ESCAPED.sub(_character, line.split(" ")[4])) for line in lines}
    for point in sorted(points):
        if point != home and point.is_relative_to(home):
            yield point.relative_to(home)


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 8))
