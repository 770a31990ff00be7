"""Unpacks tarballs that somebody else made: nothing reaches outside, and nothing without bound."""

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn, cast

from medperf_client.adapters import durable
from medperf_client.adapters.forward_reader import ForwardReader, open_unpacked
from medperf_client.adapters.regular_files import MAX_DEPTH, is_fit, leads_out
from medperf_client.errors import BadData
from medperf_client.policy.sandbox import GIB

_LONGEST_NAME = 255  # of one file or folder, in bytes: what file systems take
# What one member's headers may take: names and attributes, nothing that grows.
_HEADER_BYTES = 256 * 1024
_HINT = "Nothing of it was kept. Ask its owner for an archive of plain files and folders."

_UNKNOWN = "something unknown,"
_KINDS = {
    tarfile.LNKTYPE: "the hard link",
    tarfile.CHRTYPE: "the device",
    tarfile.BLKTYPE: "the device",
    tarfile.FIFOTYPE: "the FIFO",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a tarball may become. One that unpacks to ``harmless_bytes`` is no bomb."""

    total_bytes: int = 50 * GIB
    members: int = 1_000_000
    ratio: int = 200  # unpacked to packed
    harmless_bytes: int = GIB

    def unpacked_bytes(self, packed_bytes: int) -> int:
        """The most that a tarball of this size may hold."""
        return min(self.total_bytes, max(self.harmless_bytes, self.ratio * packed_bytes))


def extract(tarball: Path, destination: Path, bounds: Bounds) -> None:
    """Unpack a plain, gzip, bzip2 or xz tarball into ``destination``, which is made here.

    Folders are 0700 and files 0600. Links that stay inside are kept. Raises: BadData; then
    ``destination`` is gone.
    """
    if os.path.lexists(destination):
        # What is removed after a failure must be what this call made.
        raise BadData(f"{destination} is there already.", hint="Remove it, or unpack elsewhere.")
    durable.make_folder(destination)
    try:
        with open_unpacked(tarball, bounds.unpacked_bytes) as reader:
            _Extraction(tarball.name, destination, bounds.members, reader).run()
    except BaseException:
        durable.remove_tree(destination)
        raise


class _Extraction:
    """One tarball on its way out; links are made last, so that nothing is written through one."""

    def __init__(
        self, name: str, destination: Path, most_members: int, reader: ForwardReader
    ) -> None:
        self.name = name
        self.destination = destination
        self.most_members = most_members
        self.reader = reader
        self.links: list[tuple[str, str]] = []

    def run(self) -> None:
        for count, member in enumerate(self._members(), start=1):
            if count > self.most_members:
                self._refuse(f"has more than {self.most_members} members")
            self._unpack(self._place(member.name), member)
        for place, target in self.links:
            with self._making(place) as path:
                os.symlink(target, path)

    def _members(self) -> Iterator[tarfile.TarInfo]:
        """Each member once its header was read; the reader then stands before its content."""
        with self._told_malformed():
            self.reader.allow(_HEADER_BYTES)
            tar = tarfile.TarFile(fileobj=cast("tarfile._Fileobj", self.reader))
        while True:
            with self._told_malformed():
                self.reader.allow(_HEADER_BYTES)
                member = tar.next()
            if member is None:
                break
            # Kept for lookups by name, which nobody makes here; a million fill the memory.
            tar.members.clear()  # type: ignore[attr-defined]  # which typeshed does not list
            yield member
        if not self.reader.ended_in_zeros:
            self._refuse("is cut off, or damaged")
        self.reader.drain()

    def _unpack(self, place: str, member: tarfile.TarInfo) -> None:
        if member.isdir():
            self._make_folder(place)
        elif member.issym():
            if leads_out(place, member.linkname):
                self._refuse(f"holds {place!r}, a link that leads out of it")
            self.links.append((place, member.linkname))
        elif member.isreg() and not member.issparse() and member.size >= 0:
            self._write(place, member.size)
        else:
            kind = "the sparse file" if member.issparse() else _KINDS.get(member.type, _UNKNOWN)
            self._refuse(f"holds {kind} {member.name!r}")

    def _make_folder(self, place: str) -> None:
        with self._making(place) as path:
            durable.ensure_folder(path)

    def _write(self, place: str, size: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with self._making(place) as path:
            descriptor = os.open(path, flags, durable.FILE_MODE)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                os.fchmod(descriptor, durable.FILE_MODE)
                for piece in self.reader.content(size):
                    file.write(piece)

    @contextmanager
    def _making(self, place: str) -> Iterator[Path]:
        """Where to make ``place``; its folders are there then."""
        path = self.destination / place
        with durable.told(path):
            try:
                durable.ensure_folder(Path(os.path.dirname(self.destination / place)))
                yield path
            except (FileExistsError, NotADirectoryError):
                self._refuse(f"holds {place!r} twice, or as a file and as a folder")

    def _place(self, name: str) -> str:
        """The member's path below the destination. Refuses what could mean another place."""
        if name.startswith("/"):
            self._refuse(f"holds the absolute path {name!r}")
        if not is_fit(name):
            self._refuse(f"holds the name {name!r}, which is no plain text")
        parts = PurePosixPath(name).parts
        if os.pardir in parts:
            self._refuse(f"holds a path with '..': {name!r}")
        if len(parts) > MAX_DEPTH or any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
            self._refuse(f"holds a path that is too long: {name[:80]!r}…")
        return "/".join(parts)

    @contextmanager
    def _told_malformed(self) -> Iterator[None]:
        try:
            yield
        except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
            raise BadData(
                f"{self.name} is no tar archive, or damaged: {error}.", hint=_HINT
            ) from error

    def _refuse(self, why: str) -> NoReturn:
        raise BadData(f"{self.name} {why}.", hint=_HINT)
