"""Bytes on their way to the storage, wherever they come from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from medperf_client.adapters.regular_files import open_regular, told_reading

CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Incoming:
    """What comes, and how many bytes in all where that is known."""

    chunks: Iterator[bytes]
    total: int | None


@contextmanager
def local_file(path: Path) -> Iterator[Incoming]:
    """A regular file of this machine; the path itself may be a link. Raises: BadData."""
    with open_regular(path.resolve(), str(path)) as file:

        def chunks() -> Iterator[bytes]:
            with told_reading(str(path)):
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk

        total = file.seek(0, 2)
        file.seek(0)
        yield Incoming(chunks(), total)


def shown(source: str) -> str:
    """A source as it may be displayed: passwords and signatures ride in the parts left out."""
    try:
        parts = urlsplit(source)
        if not parts.netloc:
            return source
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=host, query="", fragment="").geturl()
    except ValueError:
        return source
