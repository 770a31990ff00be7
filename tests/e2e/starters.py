"""The starter containers, made by the real command and built on whichever base image is here."""

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.e2e.running import Site, require

BASES = ("medperf-base:bookworm", "python:3.11-slim-bookworm")
KINDS = ("data_preparator", "model", "evaluator")


@dataclass(frozen=True)
class Starters:
    """The folders of the three starters, whose images are in the engine."""

    home: Path
    prefix: str  # of the images' names, which no other test run uses

    @property
    def preparator(self) -> Path:
        return self.home / "data_preparator"

    @property
    def model(self) -> Path:
        return self.home / "model"

    @property
    def evaluator(self) -> Path:
        return self.home / "evaluator"

    @property
    def demo(self) -> Path:
        """The demo dataset that comes with the data preparator, as a tarball."""
        return packed(self.preparator / "demo_dataset", self.home / "demo.tar.gz")

    def image(self, kind: str) -> str:
        return f"{self.prefix}/{kind.replace('_', '-')}:1"

    def image_id(self, kind: str) -> str:
        return docker("image", "inspect", "--format", "{{.Id}}", self.image(kind))


@contextmanager
def built(site: Site, home: Path) -> Iterator[Starters]:
    """Make and build all three; their names leave the engine in the end."""
    home.mkdir()
    starters = Starters(home, f"medperf-test/{uuid4().hex}")
    try:
        for kind in KINDS:
            image = starters.image(kind)
            require(site.medperf("container", "create", kind, "-i", image, "-o", home))
            build(home / kind, image)
        yield starters
    finally:
        for kind in KINDS:
            subprocess.run(["docker", "rmi", starters.image(kind)], capture_output=True)


def build(folder: Path, image: str) -> None:
    """Build a starter, or what was made of one, on the base image that is here."""
    docker("build", "--quiet", "--build-arg", f"BASE_IMAGE={base()}", "--tag", image, str(folder))


def base() -> str:
    """The base image that this machine has."""
    for name in BASES:
        found = subprocess.run(["docker", "image", "inspect", name], capture_output=True)
        if found.returncode == 0:
            return name
    raise AssertionError("no base image is here: scripts/build_cubes.sh makes one")


def packed(folder: Path, tarball: Path) -> Path:
    """A folder's content at the root of a tarball."""
    with tarfile.open(tarball, "w:gz") as archive:
        archive.add(folder, ".")
    return tarball


def docker(*words: str) -> str:
    """What a command of docker prints; its failure fails the test."""
    ended = subprocess.run(["docker", *words], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()
