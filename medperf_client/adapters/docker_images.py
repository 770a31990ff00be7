"""Finding an image by its config digest, which is what the registry holds."""

import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from io import RawIOBase
from typing import IO, Any

from medperf_api.contract.digests import image_digest
from medperf_client.errors import Cause, ContainerFailed, HashDiffers
from medperf_client.ports.engine import OnLine

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class DockerImages:
    """Images of one engine. ``api`` is the Docker SDK's low-level client."""

    def __init__(self, api: Any, *, keeps_manifests: bool) -> None:
        self._api = api
        # With containerd's image store an Id is the digest of a manifest, not of a config.
        self._keeps_manifests = keeps_manifests

    def resolve(
        self, image: str, registered: str | None, on_line: OnLine, *, may_pull: bool = True
    ) -> str:
        """The id to run by. Raises: ContainerFailed (image_missing), HashDiffers."""
        if registered is None:
            return self._find(image) or self._pull(image, on_line, may_pull)
        here = None if self._keeps_manifests else self._find(registered)
        if here is not None:
            return here
        named = self._find(image)
        if named is not None and self.digest(named) == registered:
            return named
        try:
            pulled = self._pull(image, on_line, may_pull)
        except ContainerFailed as missing:
            if named is None:
                raise
            raise _differs(image, self.digest(named), registered) from missing
        found = self.digest(pulled)
        if found != registered:
            raise _differs(image, found, registered)
        return pulled

    def digest(self, image_id: str) -> str:
        """The config digest, ``sha256:…``, of an image that is here."""
        if not self._keeps_manifests:
            return image_digest(image_id)
        return config_digest(self._api.get_image(image_id))

    def _find(self, reference: str) -> str | None:
        from docker.errors import ImageNotFound

        try:
            return image_digest(self._api.inspect_image(reference)["Id"])
        except ImageNotFound:
            return None

    def _pull(self, image: str, on_line: OnLine, may_pull: bool) -> str:
        from docker.errors import APIError

        if not may_pull:
            raise _missing(image, "this command takes what is here")
        name, _, tag = image.partition("@") if "@" in image else _split_tag(image)
        try:
            for event in self._api.pull(name, tag=tag or "latest", stream=True, decode=True):
                if "error" in event:
                    raise _missing(image, str(event["error"]))
                on_line(" ".join(str(event.get(key, "")) for key in ("status", "progress")).strip())
        except APIError as error:
            raise _missing(image, str(error.explanation or error)) from error
        found = self._find(image)
        if found is None:
            raise _missing(image, "the engine reported success, but it is not there")
        return found


def config_digest(archive: Iterable[bytes]) -> str:
    """The config digest in an image archive, reading no further than its list of contents.

    Raises: ContainerFailed, for an archive that ends early or is none.
    """
    try:
        with tarfile.open(fileobj=_Stream(archive), mode="r|") as members:
            for member in members:
                if member.name == "manifest.json":
                    return _listed_digest(members.extractfile(member))
    except (tarfile.TarError, ValueError, LookupError, TypeError) as error:
        raise _broken_archive(f"it cannot be read ({error})") from error
    raise _broken_archive("it has no list of contents")


def _listed_digest(contents: IO[bytes] | None) -> str:
    """``<digest>.json`` in Docker's own layout, ``blobs/sha256/<digest>`` in OCI's."""
    listed = json.load(contents) if contents else []
    digest = image_digest(str(listed[0]["Config"]).rpartition("/")[2].removesuffix(".json"))
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest} is no digest")
    return digest


class _Stream(RawIOBase):
    """Chunks of bytes as a file that is read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        taken, self._rest = (
            (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        )
        return taken


def _split_tag(image: str) -> tuple[str, str, str]:
    """A name and its tag; a colon before a slash belongs to a registry's port."""
    name, colon, tag = image.rpartition(":")
    return (name, colon, tag) if colon and "/" not in tag else (image, "", "")


def _differs(image: str, found: str, registered: str) -> HashDiffers:
    return HashDiffers(
        f"The image {image} is not the registered one: its digest is {found}, registered is "
        f"{registered}.",
        hint="Its name was given to another image. Tell the container's owner; nothing of it was "
        "run.",
    )


def _broken_archive(why: str) -> ContainerFailed:
    return ContainerFailed(
        f"The engine's archive of the image is broken: {why}.",
        cause=Cause.IMAGE_MISSING,
        hint="Run the command again; if it stays, remove the image (`docker rmi`) to have it "
        "fetched anew.",
    )


def _missing(image: str, why: str) -> ContainerFailed:
    return ContainerFailed(
        f"The image {image} is not here and cannot be pulled: {why}",
        cause=Cause.IMAGE_MISSING,
        hint="Check the name and this machine's way to its registry, or load the image by hand "
        "(`docker load`); then run the command again.",
    )
