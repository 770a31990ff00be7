"""Looks at the size of a container's output while it runs, and stops it past the limit."""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from medperf_client.errors import Cause
from medperf_client.ports.engine import ContainerJob

_LOOK_S = 1.0
_REST = 10  # looking at a million files takes a while: at most a tenth of the time is spent on it


class OutputWatch:
    """Looks from a thread of its own; ``exceeded`` says whether there was too much."""

    def __init__(self, job: ContainerJob, stop: Callable[[], None]) -> None:
        self.exceeded: Cause | None = None
        self._paths = list(job.outputs.values())
        self._limits = job.limits
        self._stop = stop
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "OutputWatch":
        if self._paths:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _watch(self) -> None:
        rest_s = _LOOK_S
        while not self._over.wait(rest_s):
            began = time.monotonic()
            if self._is_too_much():
                self.exceeded = Cause.OUTPUT_LIMIT
                self._stop()
            rest_s = max(_LOOK_S, _REST * (time.monotonic() - began))

    def _is_too_much(self) -> bool:
        limits = self._limits
        return exceeds(self._paths, limits.output_bytes, limits.output_files)


def exceeds(paths: Iterable[Path], most_bytes: int, most_files: int) -> bool:
    """Whether there are more bytes on disk, or entries, below ``paths``; links are not followed.

    Paths too long to be looked at count as too much: only what hides is laid out like that.
    """
    size = count = 0
    todo: list[str | Path] = list(paths)
    while todo:
        try:
            entry = todo.pop()
            status = os.lstat(entry)
            size += status.st_blocks * 512
            count += 1
            if os.path.isdir(entry) and not os.path.islink(entry):
                todo.extend(os.path.join(entry, name) for name in os.listdir(entry))
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return True
            continue  # it went away while we looked, or it keeps us out
        if size > most_bytes or count > most_files:
            return True
    return False
