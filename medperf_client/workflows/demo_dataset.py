"""A demo dataset: a tarball with ``paths.yaml`` at its root, fetched and unpacked once."""

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from medperf_client.errors import BadData
from medperf_client.policy.disclosure import require_mapping
from medperf_client.ports.bundle import Ports

_PATHS = "paths.yaml"
_HINT = "Its owner must mend it: docs/container_config.md says what a demo dataset holds."


@dataclass(frozen=True, slots=True)
class DemoDataset:
    """A demo dataset that is here: its folders, and the SHA-256 of its tarball."""

    data: Path
    labels: Path
    metadata: Path | None
    sha256: str


def fetch_demo_dataset(ports: Ports, source: str, expected: str | None = None) -> DemoDataset:
    """Bring a demo dataset here, unless it is here under the ``expected`` SHA-256.

    Raises: BadData (not there, or not laid out as one), HashDiffers, ServerUnreachable.
    """
    with ports.reporter.step("Fetch the demo dataset") as step:
        sha256 = _sha256(expected) if expected else ""
        if sha256 and _home(ports, sha256).is_dir():
            step.note("already here")
        else:
            with ports.workspace.scratch() as scratch:
                tarball, unpacked = scratch / "demo_dataset", scratch / "unpacked"
                sha256 = ports.assets.fetch(source, sha256 or None, tarball, step.progress)
                ports.assets.extract(tarball, unpacked)
                ports.workspace.adopt(unpacked, _home(ports, sha256))
        return _read(ports, _home(ports, sha256), sha256)


def _sha256(expected: str) -> str:
    """A hash that somebody wrote, fit to name a folder. Raises: BadData."""
    digits = expected.strip().lower().removeprefix("sha256:")
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise BadData(f"The demo dataset's hash is no SHA-256: {expected}")
    return digits


def _home(ports: Ports, sha256: str) -> Path:
    return ports.workspace.path("demo", sha256)


def _read(ports: Ports, home: Path, sha256: str) -> DemoDataset:
    if not (home / _PATHS).is_file():
        raise BadData(f"The demo dataset has no {_PATHS} at its root.", hint=_HINT)
    paths = require_mapping(ports.files.read_yaml(home / _PATHS), _PATHS)
    metadata = paths.get("metadata_path")
    return DemoDataset(
        data=_folder(home, "data_path", paths.get("data_path")),
        labels=_folder(home, "labels_path", paths.get("labels_path")),
        metadata=_folder(home, "metadata_path", metadata) if metadata else None,
        sha256=sha256,
    )


def _folder(home: Path, name: str, told: JsonValue) -> Path:
    """A folder that ``paths.yaml`` names, which must lie in the demo dataset."""
    if not isinstance(told, str) or not told.strip():
        raise BadData(f"{_PATHS} of the demo dataset does not say its {name}.", hint=_HINT)
    folder = home / told
    if not folder.resolve().is_relative_to(home.resolve()) or not folder.is_dir():
        raise BadData(f"{name} of the demo dataset is no folder in it: {told}", hint=_HINT)
    return folder
