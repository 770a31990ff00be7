"""The doorway to the container engine: what building images asks of its Docker API."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import docker
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException

from cube_images.errors import CannotBuild

_PULL_SILENCE_S = 20
_STEP_SILENCE_S = 1800
_STEP_IMAGE = re.compile(r"^ ---> ([0-9a-f]{12,64})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Image:
    """An image as an engine knows it; `engine_id` is the engine's own name for it."""

    engine_id: str
    architecture: str
    diff_ids: tuple[str, ...]


class Engine:
    """A running engine, found as Docker's clients do: by DOCKER_HOST, else the usual socket."""

    def __init__(self) -> None:
        with _told("the container engine does not answer (run this under scripts/with_engine.sh)"):
            client = docker.from_env(timeout=_STEP_SILENCE_S)
            self._api: Any = client.api  # half of its methods are typed
            self.architecture = _as_debian_says(str(client.version()["Arch"]))

    def find(self, name: str) -> Image | None:
        """The image of this name or id, or None if the engine has none."""
        with _told(f"cannot look at the image {name}"):
            try:
                found = self._api.inspect_image(name)
            except ImageNotFound:
                return None
        layers = tuple(found.get("RootFS", {}).get("Layers") or ())
        return Image(found["Id"], found["Architecture"], layers)

    def pull(self, name: str) -> bool:
        """Fetch an image; False if it cannot be had, or nothing is heard of it for a while."""
        repository, _, tag = name.partition(":")
        try:
            impatient = docker.from_env(timeout=_PULL_SILENCE_S)
            for line in impatient.api.pull(repository, tag=tag or None, stream=True, decode=True):
                if "error" in line:
                    return False
        except (DockerException, RequestException):
            return False
        return self.find(name) is not None

    def build(
        self, context: IO[bytes], arguments: Mapping[str, str], *, no_cache: bool
    ) -> list[str]:
        """Build the context, a tar, with no network; return the images it left, result last."""
        with _told("the image's build failed"):
            lines = self._api.build(
                fileobj=context, custom_context=True, buildargs=dict(arguments), nocache=no_cache,
                rm=True, forcerm=True, network_mode="none", decode=True,
            )  # fmt: skip
            return _built_images(lines)

    def save(self, image: str, out: Path) -> None:
        """Write the image as an archive."""
        with _told(f"cannot save the image {image}"), out.open("wb") as file:
            for piece in self._api.get_image(image, chunk_size=1 << 20):
                file.write(piece)

    def load(self, archive: Path) -> None:
        """Read an archive; its image replaces whatever had its tag."""
        with _told("the engine refuses the finished image"), archive.open("rb") as file:
            for line in self._api.load_image(file, quiet=True):
                if "error" in line:
                    raise CannotBuild(f"the engine refuses the finished image: {line['error']}")

    def remove_if_unnamed(self, image: str) -> None:
        """Remove an image that no tag names and no container uses."""
        try:
            if not self._api.inspect_image(image).get("RepoTags"):
                self._api.remove_image(image)
        except (DockerException, RequestException):
            return  # still in use, or gone already: either is fine


def _built_images(lines: Iterator[Mapping[str, Any]]) -> list[str]:
    told: deque[str] = deque(maxlen=30)
    built: list[str] = []
    for line in lines:
        text = str(line.get("stream", ""))
        told.append(text)
        # The last of these before each FROM is a stage's image, which engines keep for ever.
        built += _STEP_IMAGE.findall(text)
        if "ID" in line.get("aux", {}):
            built.append(line["aux"]["ID"])
        if "error" in line:
            raise CannotBuild("".join(told) + str(line["error"]).rstrip())
    if not built:
        raise CannotBuild("".join(told) + "the engine did not say what it built")
    return built


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (DockerException, RequestException) as failure:
        raise CannotBuild(f"{what}: {failure}") from failure


def _as_debian_says(machine: str) -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
