"""Tar files whose bytes depend on names, modes and contents: no clock, no user, no disk order."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

# Noon of 2 January 1980: fixed, and late enough for zip files, which cannot say anything earlier.
EPOCH = 315_662_400
_SKIPPED = frozenset({"__pycache__", ".DS_Store"})


def files_below(folder: Path) -> list[Path]:
    """Every regular file below `folder` that belongs to its content, sorted by its path in it."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    kept = (path for path in found if _SKIPPED.isdisjoint(path.relative_to(folder).parts))
    return sorted(kept, key=lambda path: path.relative_to(folder).as_posix())


def write_plain_tar(out: IO[bytes], files: Iterable[tuple[str, Path]]) -> None:
    """Write `(name in the tar, file)` pairs in the given order."""
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, path in files:
            member = tarfile.TarInfo(name)
            status = path.stat()
            member.size, member.mtime = status.st_size, EPOCH
            member.mode = 0o755 if status.st_mode & 0o100 else 0o644
            with path.open("rb") as content:
                tar.addfile(member, content)


def write_tarball(out: Path, folder: Path) -> None:
    """Write the content of `folder` as a .tar.gz, which names neither its file nor its day."""
    plain = io.BytesIO()
    write_plain_tar(
        plain, ((path.relative_to(folder).as_posix(), path) for path in files_below(folder))
    )
    with out.open("wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as packed:
        packed.write(plain.getvalue())
