"""Where a cube's files and a benchmark's demo dataset come from."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

OnProgress = Callable[[int, int | None], None]  # bytes so far, bytes in all where known


class AssetSource(Protocol):
    """Fetches by name: ``direct:URL``, a bare URL (https, http, file), or a path."""

    def fetch(
        self, source: str, expected: str | None, destination: Path, on_progress: OnProgress
    ) -> str:
        """Bring ``source`` to ``destination`` (0600) and return its SHA-256, 64 digits.

        Nothing is there until the digest was compared with ``expected`` (None: not compared).
        A file already there with the expected digest is kept. Raises: BadData, HashDiffers.
        """

    def extract(self, tarball: Path, destination: Path) -> None:
        """Unpack into the fresh folder ``destination``, refusing whatever could reach outside.

        Raises: BadData.
        """
