"""The digest of a folder: paths and contents, hashed by several threads as they stream."""

import hashlib
import os
import stat
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from medperf_api.contract.digests import folder_digest
from medperf_client.adapters.regular_files import entries, kind, leads_out, told_reading, unreadable
from medperf_client.errors import BadData
from medperf_client.ports.workspace import OnBytes

_CHUNK_BYTES = 1024**2
# One errand of a thread: enough work that handing it over costs nothing.
_ERRAND_BYTES = 8 * 1024**2
_ERRAND_FILES = 256

_OWN_FILES = "Put a copy of the file in its place, or remove it from the folder."


def digest_folder(folder: Path, on_bytes: OnBytes) -> str:
    """``folder_digest`` of all files below ``folder``.

    A link to a file inside the folder counts as that file, since a container that is given the
    folder sees it so; every other link is refused. ``on_bytes`` is called from several threads,
    one at a time. Raises: BadData, naming the file.
    """
    root = Path(os.path.realpath(folder))
    found = list(_files(root))
    hashing = _Hashing(root, on_bytes)
    # Large files first, so that no thread is left with one when the others have ended.
    found.sort(key=lambda file: file.size, reverse=True)
    with ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 1))) as threads:
        try:
            errands = [threads.submit(hashing.digests, some) for some in _errands(found)]
            done, _ = wait(errands, return_when=FIRST_EXCEPTION)
            for errand in done:
                errand.result()
        except BaseException:
            # Also Ctrl+C: nobody waits for the rest of a large file.
            hashing.stopped.set()
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    return folder_digest(pair for errand in errands for pair in errand.result())


@dataclass(frozen=True, slots=True)
class _File:
    name: str  # relative to the folder
    size: int


def _files(root: Path) -> Iterator[_File]:
    for name, entry in entries(root):
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            raise unreadable(name, error) from error
        if stat.S_ISLNK(status.st_mode):
            yield _File(name, _linked(root, name).st_size)
        elif stat.S_ISREG(status.st_mode):
            yield _File(name, status.st_size)
        elif not stat.S_ISDIR(status.st_mode):
            raise BadData(
                f"{name!r} is {kind(status.st_mode)}; a dataset has files and folders alone.",
                hint="Remove it from the folder.",
            )


def _linked(root: Path, name: str) -> os.stat_result:
    """What a link leads to, once it is sure to be a file of the same folder."""
    with told_reading(name, hint=_OWN_FILES):
        target = os.readlink(root / name)
    if leads_out(name, target):
        raise BadData(f"{name!r} is a link that leads out of the folder.", hint=_OWN_FILES)
    try:
        status = os.stat(root / name)
    except OSError as error:
        raise BadData(
            f"{name!r} is a link that leads nowhere: {error.strerror or error}.", hint=_OWN_FILES
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise BadData(f"{name!r} is a link to {kind(status.st_mode)}.", hint=_OWN_FILES)
    return status


def _errands(files: Sequence[_File]) -> Iterator[list[_File]]:
    errand: list[_File] = []
    size = 0
    for file in files:
        errand.append(file)
        size += file.size
        if size >= _ERRAND_BYTES or len(errand) >= _ERRAND_FILES:
            yield errand
            errand, size = [], 0
    if errand:
        yield errand


@dataclass(slots=True)
class _Hashing:
    root: Path
    on_bytes: OnBytes
    stopped: threading.Event = field(default_factory=threading.Event)
    telling: threading.Lock = field(default_factory=threading.Lock)

    def digests(self, files: Sequence[_File]) -> list[tuple[str, str]]:
        """Names and digests of one errand's files."""
        buffer = memoryview(bytearray(_CHUNK_BYTES))
        untold = 0
        pairs = []
        for file in files:
            sha = hashlib.sha256()
            for size in self._read(file.name, buffer):
                sha.update(buffer[:size])
                untold += size
                if untold >= _CHUNK_BYTES:
                    untold = self._tell(untold)
            pairs.append((file.name, sha.hexdigest()))
        self._tell(untold)
        return pairs

    def _tell(self, more: int) -> int:
        with self.telling:
            self.on_bytes(more)
        return 0

    def _read(self, name: str, buffer: memoryview) -> Iterator[int]:
        """Fill the buffer again and again, each time with so many bytes. Raises: BadData."""
        try:
            # A file object would cost more than all the rest does for a small file.
            descriptor = os.open(f"{self.root}/{name}", os.O_RDONLY | os.O_CLOEXEC)
            try:
                before = os.fstat(descriptor)
                seen = 0
                # What grows as fast as it is read would never end.
                while seen <= before.st_size and (size := os.readv(descriptor, (buffer,))):
                    if self.stopped.is_set():
                        return
                    seen += size
                    yield size
                after = os.fstat(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise unreadable(name, error) from error
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise BadData(
                f"{name!r} changed while it was read.",
                hint="Wait until nothing writes to the folder, then run the command again.",
            )
