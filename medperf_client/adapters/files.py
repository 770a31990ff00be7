"""Files that others wrote, on a local file system: data of the owner, output of containers."""

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from medperf_api.contract.container_config import ContainerConfig
from medperf_client.adapters import configs, output_check, yaml_documents
from medperf_client.adapters.folder_hash import digest_folder
from medperf_client.adapters.regular_files import entries
from medperf_client.errors import BadData
from medperf_client.ports.workspace import OnBytes


class LocalFiles:
    """``Files`` of this machine. Keeps nothing between calls."""

    def digest(self, folder: Path, on_bytes: OnBytes) -> str:
        """The folder's digest, read anew each time. Raises: BadData."""
        return digest_folder(folder, on_bytes)

    def require_data(self, folder: Path, what: str) -> None:
        """Refuse what is no readable folder with at least one file. Raises: BadData."""
        if not _exists(folder):
            raise BadData(
                f"{what} does not exist: {folder}",
                hint="Check the spelling; a relative path begins where the command runs.",
            )
        if not folder.is_dir():
            raise BadData(
                f"{what} is a file: {folder}", hint="Give the folder that the files are in."
            )
        if not os.access(folder, os.R_OK | os.X_OK):
            raise BadData(
                f"{what} cannot be read: {folder}",
                hint="You need the right to read and to enter it: `ls -ld` shows its permissions.",
            )
        if not _holds_a_file(folder):
            raise BadData(
                f"{what} is empty: there is no file in {folder}",
                hint="Give the folder that the files are in.",
            )

    def require_regular(self, folder: Path, limit_bytes: int, limit_files: int) -> None:
        """Refuse links, devices, FIFOs, sockets, sparse and oversized output. Raises: BadData."""
        output_check.require_regular(folder, limit_bytes, limit_files)

    def read_yaml(self, path: Path) -> JsonValue:
        """One small, finite, shallow YAML document that a container wrote. Raises: BadData."""
        return yaml_documents.read_document(path)

    def read_config(self, path: Path) -> ContainerConfig:
        """A cube's configuration. Raises: BadData, with the line and the reason."""
        return configs.read_config(path)

    def walk(self, folder: Path) -> Iterator[Path]:
        """Regular files below ``folder``, relative to it; none where it is missing."""
        if not folder.is_dir():
            return
        for name, entry in entries(folder):
            if entry.is_file(follow_symlinks=False):
                yield Path(name)


def _exists(folder: Path) -> bool:
    try:
        return folder.exists()
    except PermissionError as error:
        raise BadData(
            f"{folder} cannot be read: you may not enter a folder above it.",
            hint="`namei -l` shows the permissions on the way to it.",
        ) from error


def _holds_a_file(folder: Path) -> bool:
    """Whether there is anything but folders; what it is, the digest looks at."""
    return any(not entry.is_dir(follow_symlinks=False) for _, entry in entries(folder))
