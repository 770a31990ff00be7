"""Removes folders that somebody else filled: of any depth, whatever rights were taken inside."""

import contextlib
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

_INSIDE = os.O_DIRECTORY | os.O_NOFOLLOW
_ALL_RIGHTS = 0o700


def remove_folder(path: Path) -> None:
    """Remove ``path`` with all that is below it. Raises: OSError.

    A container can nest folders deeper than any path or stack reaches, so each is moved up to the
    top before it is emptied. No link is ever followed, also when one takes a folder's place.
    """
    fresh = (f"{uuid4().hex}-{number}" for number in itertools.count())
    with _opened(path) as top:
        waiting = _emptied(top)
        while waiting:
            name = waiting.pop()
            with _opened(name, top) as folder:
                for inner in _emptied(folder):
                    moved = next(fresh)
                    os.rename(inner, moved, src_dir_fd=folder, dst_dir_fd=top)
                    waiting.append(moved)
            os.rmdir(name, dir_fd=top)
    os.rmdir(path)


def _emptied(folder: int) -> list[str]:
    """Remove the files in an open folder; the folders in it, ready to be moved."""
    with os.scandir(folder) as found:
        entries = list(found)
    inner = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            _give_rights(entry.name, folder)
        else:
            os.unlink(entry.name, dir_fd=folder)
    return inner


@contextmanager
def _opened(name: str | Path, within: int | None = None) -> Iterator[int]:
    _give_rights(name, within)
    descriptor = os.open(name, os.O_RDONLY | _INSIDE, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _give_rights(name: str | Path, within: int | None) -> None:
    """Take back the rights to a folder: to list it, to empty it, and to move it."""
    if not hasattr(os, "O_PATH"):
        os.chmod(name, _ALL_RIGHTS, dir_fd=within, follow_symlinks=False)
        return
    place = os.open(name, os.O_PATH | _INSIDE, dir_fd=within)
    try:
        # Somebody else's folder may still let us in; if not, opening it says so.
        with contextlib.suppress(PermissionError):
            os.chmod(f"/proc/self/fd/{place}", _ALL_RIGHTS)
    finally:
        os.close(place)
