"""The client's own storage: where things are, and writes that a crash cannot halve."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel, JsonValue

from medperf_api.contract.container_config import ContainerConfig

Shape = TypeVar("Shape", bound=BaseModel)
OnBytes = Callable[[int], None]  # called with how many more bytes were handled


class Workspace(Protocol):
    """Folders are 0700 and files 0600 whatever the umask. Full disks raise BadData with a hint."""

    def path(self, *parts: str) -> Path:
        """Where ``parts`` is or would be, below this server's storage. Makes nothing."""

    def folder(self, *parts: str) -> Path:
        """The same, as a folder that exists."""

    def read(self, path: Path, shape: type[Shape]) -> Shape | None:
        """The JSON document at ``path``; None where there is none. Raises: BadData."""

    def write(self, path: Path, document: BaseModel | JsonValue) -> None:
        """Write a JSON document atomically and durably: the old one or the new one, never half."""

    def children(self, *parts: str) -> list[str]:
        """Names below a folder, sorted; [] where there is none."""

    def scratch(self) -> AbstractContextManager[Path]:
        """A fresh empty folder on the storage's own file system, gone afterwards."""

    def adopt(self, scratch: Path, final: Path) -> None:
        """Put a folder or file from scratch in its place, replacing what was there as a whole."""

    def remove(self, path: Path) -> None:
        """Remove a file or folder tree below the storage; nothing there is fine."""

    def lock(self, *parts: str) -> AbstractContextManager[None]:
        """Hold a name against other processes of this storage. Raises: OutOfOrder, at once."""


class Files(Protocol):
    """Files that others wrote: data of the owner, output of containers. Read as hostile."""

    def digest(self, folder: Path, on_bytes: OnBytes) -> str:
        """``folder_digest`` of a folder's files. Raises: BadData (a link out, a device, …)."""

    def require_data(self, folder: Path, what: str) -> None:
        """Refuse what is no readable folder with at least one file. Raises: BadData."""

    def require_regular(self, folder: Path, limit_bytes: int, limit_files: int) -> None:
        """Refuse links, devices, FIFOs, sockets, sparse and oversized output. Raises: BadData."""

    def read_yaml(self, path: Path) -> JsonValue:
        """One small, finite, shallow YAML document that a container wrote. Raises: BadData."""

    def read_config(self, path: Path) -> ContainerConfig:
        """A cube's configuration. Raises: BadData, with the line and the reason."""

    def walk(self, folder: Path) -> Iterator[Path]:
        """Regular files below ``folder``, as paths relative to it."""
