"""Fetches a cube's packages as wheels beforehand, so that its image is built with no network."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from cube_images.errors import CannotBuild

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
# Bookworm's C library is 2.36; wheels made for it or for any older one run on it.
_GLIBC = [f"manylinux_2_{minor}" for minor in range(36, 16, -1)]


def fetch_wheels(requirements: Path, folder: Path, architecture: str) -> None:
    """Fill `folder` with exactly the wheels of `requirements`, unless they are there already."""
    stamp = folder / ".made-from"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest() + f" {architecture}\n"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _download(requirements, folder, architecture)
    stamp.write_text(wanted)


def _download(requirements: Path, folder: Path, architecture: str) -> None:
    if architecture not in _MACHINES:
        raise CannotBuild(
            f"the engine's machine is {architecture}; cubes are built for amd64 and arm64"
        )
    machine = _MACHINES[architecture]
    platforms = [*(f"{libc}_{machine}" for libc in _GLIBC), f"manylinux2014_{machine}"]
    command = [
        sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-input",
        "--require-hashes", "--no-deps", "--only-binary=:all:",
        "--implementation=cp", "--python-version=3.11", "--abi=cp311", "--abi=abi3", "--abi=none",
        *(f"--platform={name}" for name in platforms),
        f"--dest={folder}", f"--requirement={requirements}",
    ]  # fmt: skip
    if subprocess.run(command, check=False).returncode:
        raise CannotBuild(f"the packages of {requirements} could not be fetched (see above)")
