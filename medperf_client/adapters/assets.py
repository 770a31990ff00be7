"""Fetches what cubes and benchmarks are made of, by URL or path, and unpacks their tarballs."""

import hashlib
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from medperf_client.adapters import archives, durable
from medperf_client.adapters.incoming import CHUNK_BYTES, Incoming, local_file, shown
from medperf_client.adapters.regular_files import told_reading
from medperf_client.errors import BadData, HashDiffers
from medperf_client.policy.sandbox import GIB
from medperf_client.policy.sources import bare, scheme
from medperf_client.ports.assets import OnProgress


class Assets:
    """An ``AssetSource``: files of this machine and of web servers.

    ``certificate`` is a CA trusted beside those of the system, ``timeout_s`` how long a server may
    be silent. Without ``web`` no web server is asked.
    """

    def __init__(
        self,
        *,
        certificate: Path | None = None,
        web: bool = True,
        limit_bytes: int = 200 * GIB,
        timeout_s: float = 60,
        bounds: archives.Bounds | None = None,
    ) -> None:
        self._certificate = certificate
        self._web = web
        self._limit_bytes = limit_bytes
        self._timeout_s = timeout_s
        self._bounds = bounds or archives.Bounds()

    def fetch(
        self, source: str, expected: str | None, destination: Path, on_progress: OnProgress
    ) -> str:
        """Bring ``source`` to ``destination`` and return its SHA-256.

        Raises: BadData (not there, too large, no room), HashDiffers, ServerUnreachable.
        """
        source = bare(source)
        wanted = expected.strip().lower().removeprefix("sha256:") if expected else None
        if wanted is not None and _digest(destination) == wanted:
            return wanted
        with self._open(source) as incoming:
            self._require_bounded(source, incoming.total or 0)
            _require_room(source, incoming.total or 0, destination.parent)
            return self._keep(source, incoming, wanted, destination, on_progress)

    def extract(self, tarball: Path, destination: Path) -> None:
        """Unpack a tarball into the fresh folder ``destination``. Raises: BadData."""
        archives.extract(tarball, destination, self._bounds)

    def _open(self, source: str) -> AbstractContextManager[Incoming]:
        kind = scheme(source)
        if kind is None:
            return local_file(Path(source))
        if kind == "file":
            return local_file(_file_path(source))
        if kind in {"http", "https"} and not self._web:
            raise BadData(
                f"{shown(source)} is not on this machine yet, and --offline fetches nothing.",
                hint="Run the command once without --offline.",
            )
        if kind in {"http", "https"}:
            # Only those who download pay for the HTTP library.
            from medperf_client.adapters.downloads import Downloads

            return Downloads(self._certificate, self._timeout_s).open(source)
        raise BadData(
            f"{shown(source)!r} cannot be fetched: {kind} is no source known here.",
            hint="Sources are https, http and file URLs, also with direct: before them, and paths "
            "of this machine.",
        )

    def _keep(
        self,
        source: str,
        incoming: Incoming,
        wanted: str | None,
        destination: Path,
        on_progress: OnProgress,
    ) -> str:
        sha, size = hashlib.sha256(), 0
        with durable.replacing(destination) as file:
            for chunk in incoming.chunks:
                size += len(chunk)
                self._require_bounded(source, size)
                file.write(chunk)
                sha.update(chunk)
                on_progress(size, incoming.total)
            _require_digest(source, sha.hexdigest(), wanted)
        return sha.hexdigest()

    def _require_bounded(self, source: str, size: int) -> None:
        if size > self._limit_bytes:
            raise BadData(
                f"{shown(source)} is larger than {self._limit_bytes} bytes, the most that is "
                "fetched.",
                hint="Ask its owner whether it is what was meant.",
            )


def _file_path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"}:
        raise BadData(
            f"{url} names a file of another machine.", hint="Write file:///path for one of this."
        )
    return Path(unquote(parts.path))


def _digest(path: Path) -> str | None:
    """The digest of a file that is here already; None for anything else."""
    if path.is_symlink() or not path.is_file():
        return None
    with told_reading(str(path)), path.open("rb", buffering=0) as file:
        sha = hashlib.sha256()
        while chunk := file.read(CHUNK_BYTES):
            sha.update(chunk)
    return sha.hexdigest()


def _require_room(source: str, size: int, folder: Path) -> None:
    with durable.told(folder):
        free = shutil.disk_usage(folder).free
    if size > free:
        raise BadData(
            f"{shown(source)} has {size} bytes, and only {free} are free at {folder}.",
            hint="Free some space, or move the storage with MEDPERF_STORAGE.",
        )


def _require_digest(source: str, found: str, wanted: str | None) -> None:
    if wanted is not None and found != wanted:
        raise HashDiffers(
            f"{shown(source)} is not what was registered: its SHA-256 is {found}, registered is "
            f"{wanted}.",
            hint="It changed since, or was altered on its way; it was not kept. Ask its owner.",
        )
