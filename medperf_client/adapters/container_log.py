"""A container's output as it comes: lines for the reporter, a bounded file, the last ones kept."""

import os
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from medperf_client.adapters.durable import FILE_MODE, told

LONGEST_LINE = 8 * 1024
LAST_LINES = 20
_CUT = b"... more was printed than the limit allows; the rest is not kept\n"


class ContainerLog:
    """Splits a stream of bytes into lines. What the container says is kept as text, not trusted."""

    def __init__(self, file: Path | None, limit_bytes: int, on_line: Callable[[str], None]) -> None:
        self.last: deque[str] = deque(maxlen=LAST_LINES)
        self._on_line = on_line
        self._left = limit_bytes
        self._partial = b""
        self._path = file
        self._file = _open(file)

    def __enter__(self) -> "ContainerLog":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def read(self, chunks: Iterable[bytes]) -> None:
        """Take everything until the stream ends. Raises: BadData, when the file cannot be kept."""
        for chunk in chunks:
            self._take(chunk)
        self._line(self._partial)
        self._partial = b""

    def _take(self, chunk: bytes) -> None:
        # A progress bar overwrites its line with a carriage return: each state is a line here.
        *lines, rest = (
            (self._partial + chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        )
        for line in lines:
            self._line(line)
        while len(rest) > LONGEST_LINE:
            self._line(rest[:LONGEST_LINE])
            rest = rest[LONGEST_LINE:]
        self._partial = rest

    def _line(self, line: bytes) -> None:
        if not line.strip():
            return
        self._keep(line + b"\n")
        text = line[:LONGEST_LINE].decode("utf-8", "replace")
        self.last.append(text)
        self._on_line(text)

    def _keep(self, line: bytes) -> None:
        if self._file is None or self._path is None or self._left < 0:
            return
        self._left -= len(line)
        with told(self._path):
            self._file.write(line if self._left >= 0 else _CUT)


def _open(file: Path | None) -> BinaryIO | None:
    """Unbuffered, so that every line that was shown is also kept, and a full disk is met here."""
    if file is None:
        return None
    with told(file):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, FILE_MODE)
        return os.fdopen(descriptor, "wb", buffering=0)
