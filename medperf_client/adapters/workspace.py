"""The client's storage for one server on a local file system."""

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, JsonValue, ValidationError

from medperf_client.adapters import durable
from medperf_client.errors import BadData, OutOfOrder
from medperf_client.ports.workspace import Shape

SCRATCH = "tmp"
LOCKS = "locks"
_OWNER = "owner.lock"
# A folder that stands aside, and the place below the storage that it came from.
_OLD, _WHENCE = "old", "whence"
_LOCK_FLAGS = os.O_CREAT | os.O_RDWR


class LocalWorkspace:
    """A ``Workspace`` below one folder: folders 0700, files 0600, and no write ever half done."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, *parts: str) -> Path:
        """Where ``parts`` is or would be."""
        return self.root.joinpath(*parts)

    def folder(self, *parts: str) -> Path:
        """The same, as a folder that exists. Raises: BadData."""
        return durable.make_folder(self.path(*parts))

    def read(self, path: Path, shape: type[Shape]) -> Shape | None:
        """The JSON document at ``path``, or None. Raises: BadData, when it is not of ``shape``."""
        try:
            return shape.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise BadData(
                f"{path} cannot be read: {error}",
                hint="It was changed by hand, or the disk is failing. Restore it or remove it.",
            ) from error

    def write(self, path: Path, document: BaseModel | JsonValue) -> None:
        """Write a JSON document, whole and durable. Raises: BadData."""
        if isinstance(document, BaseModel):
            text = document.model_dump_json(indent=2)
        else:
            text = json.dumps(document, indent=2, allow_nan=False)
        durable.write_file(path, text.encode() + b"\n")

    def children(self, *parts: str) -> list[str]:
        """Names below a folder, sorted; none where it is missing."""
        try:
            names = (entry.name for entry in self.path(*parts).iterdir())
            # A dot begins what a killed write left beside its goal.
            return sorted(name for name in names if not name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return []

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A fresh folder on the storage's own file system, gone afterwards.

        What a killed client left behind goes first: a living one holds a lock in its folder.
        """
        made, owner = self._make_scratch()
        try:
            yield made / "work"
        finally:
            durable.remove_tree(made / "work")
            os.close(owner)
            # Nobody holds it now: another command may be removing it as well.
            with contextlib.suppress(BadData):
                durable.remove_tree(made)

    def adopt(self, scratch: Path, final: Path) -> None:
        """Put a folder or file from scratch in its place, as a whole. Raises: BadData.

        A crash leaves the old one, the new one, or none at ``final``, never a mixture; where none,
        the old one is back as soon as any command asks for scratch.
        """
        durable.keep_folder(final.parent)
        durable.sync_tree(scratch)
        if not final.is_dir() or final.is_symlink():
            durable.move(scratch, final)
            return
        with self._aside(final):
            durable.move(scratch, final)

    def remove(self, path: Path) -> None:
        """Remove a file or folder; nothing there is fine. Raises: BadData."""
        durable.remove_tree(path)

    @contextmanager
    def lock(self, *parts: str) -> Iterator[None]:
        """Hold a name against other processes of this storage; a dead one holds nothing.

        Raises: OutOfOrder, at once, when another process holds it.
        """
        path = self.folder(LOCKS) / f"{'_'.join(parts)}.lock"
        with _opened(path) as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = os.read(held, 32).decode(errors="replace").strip() or "unknown"
                raise OutOfOrder(
                    f"Another command works on {'/'.join(parts)} (process {holder}).",
                    hint="Wait until it has ended, or end it.",
                ) from error
            with durable.told(path):
                os.ftruncate(held, 0)
                os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
            yield

    @contextmanager
    def _aside(self, final: Path) -> Iterator[None]:
        """Have a folder out of the way; it returns unless something took its place."""
        made, owner = self._make_scratch()
        try:
            durable.write_file(made / _WHENCE, os.fsencode(os.path.relpath(final, self.root)))
            durable.move(final, made / _OLD)
            yield
        finally:
            try:
                self._let_go(made)
            finally:
                os.close(owner)

    def _let_go(self, made: Path) -> None:
        """Remove what lies in scratch; a folder whose place stayed free returns there first."""
        whence = made / _WHENCE
        # Without it the place was settled, and the removal below was cut short.
        if (made / _OLD).is_dir() and whence.is_file():
            final = self.root / os.fsdecode(whence.read_bytes())
            if not os.path.lexists(final):
                durable.move(made / _OLD, final)
        durable.remove_tree(made)

    def _make_scratch(self) -> tuple[Path, int]:
        home, guard = self.folder(SCRATCH), self.folder(LOCKS) / "scratch.lock"
        with durable.told(home), _opened(guard) as guarded:
            # Held for a moment only, so that nobody takes a folder for abandoned while it is made.
            fcntl.flock(guarded, fcntl.LOCK_EX)
            for left in home.iterdir():
                if not _is_held(left / _OWNER):
                    # What another user's command left is no reason to refuse to work.
                    with contextlib.suppress(BadData, OSError):
                        self._let_go(left)
            made = Path(tempfile.mkdtemp(dir=home))
            durable.make_folder(made / "work")
            owner = os.open(made / _OWNER, _LOCK_FLAGS, durable.FILE_MODE)
            fcntl.flock(owner, fcntl.LOCK_EX)
        return made, owner


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    with durable.told(path):
        descriptor = os.open(path, _LOCK_FLAGS, durable.FILE_MODE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_held(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
