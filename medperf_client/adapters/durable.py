"""Writes that a crash cannot halve: every call that changes a file of the storage is here.

What a power cut may lose is what was not synced; each function says what its return promises.
"""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from medperf_client.adapters.tree_removal import remove_folder
from medperf_client.errors import BadData

FOLDER_MODE = 0o700
FILE_MODE = 0o600

# From this many files on, the whole file system is asked to sync once: a sync each takes 2 ms.
_MANY_FILES = 32

_HINTS = {
    errno.ENOSPC: "The disk is full: free some space, or move the storage with MEDPERF_STORAGE.",
    errno.EDQUOT: "Your quota is used up: free some space, or move the storage.",
    errno.EROFS: "The file system is read-only: move the storage with MEDPERF_STORAGE.",
    errno.EACCES: "You may not write there: mend its permissions, or move the storage.",
    errno.EPERM: "You may not write there: mend its permissions, or move the storage.",
    errno.EMFILE: "Too many files are open: raise `ulimit -n`.",
    errno.EIO: "The disk reports an error: check it before anything else.",
}


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to change ``path`` into BadData with what to do."""
    try:
        yield
    except OSError as error:
        raise BadData(
            f"{path} cannot be written: {error.strerror or error}{_room(path, error)}.",
            hint=_HINTS.get(error.errno or 0, "Look at that place, then run the command again."),
        ) from error


def make_folder(path: Path) -> Path:
    """Make a folder and those above it, each 0700 whatever the umask; one that exists stays.

    Their names are not synced: ``keep_folder`` does that. Raises: BadData.
    """
    with told(path):
        ensure_folder(path)
    return path


def ensure_folder(path: Path) -> None:
    """``make_folder`` for who tells of failures themselves. Raises: OSError."""
    if path.is_dir():
        return
    ensure_folder(path.parent)
    try:
        os.mkdir(path, FOLDER_MODE)
        os.chmod(path, FOLDER_MODE)
    except FileExistsError:
        # Another command was quicker, or something else is in the way.
        if not path.is_dir():
            raise


def keep_folder(path: Path) -> Path:
    """``make_folder``, and what was made is on the disk when this returns."""
    if path.is_dir():
        return path
    keep_folder(path.parent)
    make_folder(path)
    with told(path):
        sync_folder(path.parent)
    return path


def write_file(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``: the old or the new, on the disk when this returns."""
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path`` when all was written well, and else is gone.

    A process that is killed leaves it under a name that begins with a dot.
    """
    with told(path):
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        sync_folder(path.parent)


def move(source: Path, final: Path) -> None:
    """Rename within one file system: at the one place or the other, on the disk afterwards.

    A file takes the place of a file; a folder needs the place to be free.
    """
    with told(final):
        os.replace(source, final)
        sync_folder(final.parent)
        if source.parent != final.parent:
            sync_folder(source.parent)


def remove_tree(path: Path) -> None:
    """Remove a file or a whole folder, also where a container took rights away inside it."""
    with told(path), contextlib.suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            remove_folder(path)
        else:
            os.unlink(path)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable. Raises: OSError."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def sync_tree(path: Path) -> None:
    """Make a file, or all files and names below a folder, durable and private. Raises: BadData."""
    with told(path):
        files, folders = _privately(path)
        if len(files) + len(folders) >= _MANY_FILES and _sync_file_system(path):
            return
        for file in files:
            _sync(file, os.O_RDONLY)
        for folder in reversed(folders):
            sync_folder(folder)


def _privately(path: Path) -> tuple[list[Path], list[Path]]:
    """Files and folders from ``path`` on, outer ones first, now for their owner alone."""
    files: list[Path] = []
    folders: list[Path] = []
    waiting = [path]
    while waiting:
        here = waiting.pop()
        if here.is_symlink():
            continue
        if here.is_dir():
            os.chmod(here, FOLDER_MODE)
            folders.append(here)
            waiting.extend(here.iterdir())
        elif here.is_file():
            os.chmod(here, FILE_MODE)
            files.append(here)
    return files, folders


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_file_system(path: Path) -> bool:
    """Sync everything on the file system of ``path``; False where the system has no such call."""
    import ctypes

    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
    return True


def _room(path: Path, error: OSError) -> str:
    """How much is free, where that was the trouble."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        return ""
    with contextlib.suppress(OSError):
        return f" ({shutil.disk_usage(path.parent).free >> 20} MiB are free)"
    return ""
