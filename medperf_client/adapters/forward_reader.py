"""A stream that is unpacked as it is read, forwards, within bounds that its maker cannot move."""

import bz2
import gzip
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from medperf_client.adapters.regular_files import open_regular
from medperf_client.errors import BadData

_CHUNK_BYTES = 1024**2
_BLOCK = 512
_HINT = "Nothing of it was kept. Ask its owner for a whole archive, of a size that can be meant."


@contextmanager
def open_unpacked(path: Path, limit_bytes: Callable[[int], int]) -> Iterator["ForwardReader"]:
    """The tar stream in a plain, gzip, bzip2 or xz file. Raises: BadData.

    ``limit_bytes`` gives, for the file's size, how much may be read of what is inside.
    """
    with open_regular(path, path.name) as file:
        size = os.fstat(file.fileno()).st_size
        with _unpacked(file) as stream:
            yield ForwardReader(stream, path.name, limit_bytes(size))


def _unpacked(file: BinaryIO) -> BinaryIO:
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if start.startswith(b"BZh"):
        return cast(BinaryIO, bz2.BZ2File(file))
    if start == b"\xfd7zXZ\0":
        return cast(BinaryIO, lzma.LZMAFile(file, format=lzma.FORMAT_XZ))
    return file


class ForwardReader:
    """What ``tarfile`` reads headers from, and its caller the contents between them."""

    def __init__(self, stream: BinaryIO, name: str, limit_bytes: int) -> None:
        self.ended_in_zeros = False  # as every whole archive does
        self._stream = stream
        self._name = name
        self._limit_bytes = limit_bytes
        self._position = 0
        self._allowed = 0

    def allow(self, size: int) -> None:
        """Let the next header take this many bytes; a header is read into memory whole."""
        self._allowed = size

    def read(self, size: int) -> bytes:
        """A piece of a header. Raises: tarfile.ReadError."""
        if not 0 <= size <= self._allowed:
            raise tarfile.ReadError("a header is larger than any needs to be")
        self._allowed -= size
        piece = self._take(size)
        self.ended_in_zeros = piece == bytes(_BLOCK)
        return piece

    def content(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes, in pieces. Raises: BadData, when they are not all there."""
        while size:
            piece = self._take(min(size, _CHUNK_BYTES))
            if not piece:
                raise BadData(f"{self._name} is cut off inside a file.", hint=_HINT)
            size -= len(piece)
            yield piece

    def drain(self) -> None:
        """Read to the end: the check sums of a packed file stand there."""
        while self._take(_CHUNK_BYTES):
            pass

    def tell(self) -> int:
        """How much was read so far."""
        return self._position

    def seek(self, position: int) -> int:
        """Skip to a place further on. Raises: tarfile.ReadError, for one before."""
        if position < self._position:
            raise tarfile.ReadError("a header points backwards")
        while self._position < position and self._take(
            min(position - self._position, _CHUNK_BYTES)
        ):
            pass
        return self._position

    def _take(self, size: int) -> bytes:
        try:
            piece = self._stream.read(size)
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise BadData(f"{self._name} is cut off, or damaged: {error}.", hint=_HINT) from error
        self._position += len(piece)
        if self._position > self._limit_bytes:
            raise BadData(
                f"{self._name} unpacks to more than {self._limit_bytes} bytes, the most that an "
                "archive of its size may hold.",
                hint=_HINT,
            )
        return piece
