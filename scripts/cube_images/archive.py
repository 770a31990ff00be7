"""Reads and writes the archives of `docker save` and `docker load`; changes nothing in them.

Two layouts are read: `manifest.json` beside the layers, which every Docker writes, and the bare
image layout of the Open Container Initiative, which has `index.json` alone. The first is written.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import posixpath
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cube_images.errors import CannotBuild

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an image: the digest of its plain tar, and its bytes as they were stored."""

    diff_id: str
    content: IO[bytes]
    size: int


@dataclass(frozen=True, slots=True)
class SavedImage:
    """The one image of an archive: its configuration and its layers, lowest first."""

    config: Mapping[str, Any]
    layers: Sequence[Layer]


@contextmanager
def open_archive(path: Path) -> Iterator[SavedImage]:
    """Open the archive of exactly one image. Raises: CannotBuild, if it is not one."""
    try:
        with tarfile.open(path, "r:") as tar:
            yield _read(tar)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as broken:
        raise CannotBuild(f"{path} is no whole image archive: {broken}") from broken


@contextmanager
def open_layer(layer: Layer) -> Iterator[tarfile.TarFile]:
    """Open a layer's tar for reading in any order, after checking it against its digest."""
    with tempfile.TemporaryFile() as unpacked:
        content = _uncompressed(layer.content, unpacked)
        if (found := digest_of(content)) != layer.diff_id:
            raise CannotBuild(f"a layer is not what its image says: {found}, not {layer.diff_id}")
        with tarfile.open(fileobj=content, mode="r:") as tar:
            yield tar


def write_archive(out: Path, config: Mapping[str, Any], layers: Sequence[Layer], tag: str) -> str:
    """Write one image for `docker load` and return its configuration's digest, `sha256:…`."""
    encoded = json.dumps(config, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(encoded).hexdigest()
    names = [f"{layer.diff_id.removeprefix('sha256:')}.tar" for layer in layers]
    manifest = [{"Config": f"{digest}.json", "RepoTags": [tag], "Layers": names}]
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, layer in dict(zip(names, layers, strict=True)).items():
            layer.content.seek(0)
            _add(tar, name, layer.content, layer.size)
        _add(tar, f"{digest}.json", io.BytesIO(encoded), len(encoded))
        listing = json.dumps(manifest).encode()
        _add(tar, "manifest.json", io.BytesIO(listing), len(listing))
    return f"sha256:{digest}"


def digest_of(content: IO[bytes]) -> str:
    """The SHA-256 of the whole content, as `sha256:…`; leaves it at its start."""
    content.seek(0)
    digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    content.seek(0)
    return f"sha256:{digest}"


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    tar.addfile(member, content)


def _read(tar: tarfile.TarFile) -> SavedImage:
    members = {posixpath.normpath(member.name): member for member in tar.getmembers()}
    if "manifest.json" in members:
        config_name, layer_names = _listed_by_docker(_json(tar, members, "manifest.json"))
    else:
        config_name, layer_names = _listed_by_oci(tar, members)
    config = _json(tar, members, config_name)
    try:
        diff_ids = list(config["rootfs"]["diff_ids"])
    except (KeyError, TypeError) as missing:
        raise CannotBuild("the image's configuration lists no layers") from missing
    if len(diff_ids) != len(layer_names):
        raise CannotBuild(f"{len(layer_names)} layers stored, {len(diff_ids)} configured")
    opened = (_open(tar, members, name) for name in layer_names)
    return SavedImage(config, [Layer(d, *o) for d, o in zip(diff_ids, opened, strict=True)])


def _listed_by_docker(manifest: Any) -> tuple[str, list[str]]:
    match manifest:
        case [{"Config": str(config), "Layers": [*layers]}]:
            return config, [str(name) for name in layers]
    raise CannotBuild("manifest.json does not list exactly one image")


def _listed_by_oci(
    tar: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo]
) -> tuple[str, list[str]]:
    found = _json(tar, members, "index.json")
    while isinstance(found, dict) and "manifests" in found:
        # Builders store notes on how an image was built beside it, for a platform called unknown.
        real = [m for m in found["manifests"] if m.get("platform", {}).get("os") != "unknown"]
        if len(real) != 1:
            raise CannotBuild(f"the archive holds {len(real)} images; exactly one is wanted")
        found = _json(tar, members, _blob(real[0]))
    try:
        return _blob(found["config"]), [_blob(layer) for layer in found["layers"]]
    except (KeyError, TypeError) as missing:
        raise CannotBuild("the image's manifest names no configuration or no layers") from missing


def _blob(descriptor: Mapping[str, str]) -> str:
    return "blobs/" + descriptor["digest"].replace(":", "/", 1)


def _json(tar: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo], name: str) -> Any:
    content, _ = _open(tar, members, name)
    try:
        return json.load(content)
    except ValueError as bad:
        raise CannotBuild(f"{name} in the archive is no JSON") from bad


def _open(
    tar: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo], name: str
) -> tuple[IO[bytes], int]:
    member = members.get(posixpath.normpath(name))
    if member is not None and member.issym():
        # Older engines store a layer that comes twice as a link to the first.
        member = members.get(posixpath.normpath(posixpath.join(name, "..", member.linkname)))
    opened = tar.extractfile(member) if member is not None and member.isfile() else None
    if member is None or opened is None:
        raise CannotBuild(f"the archive has no file {name}")
    return opened, member.size


def _uncompressed(content: IO[bytes], room: IO[bytes]) -> IO[bytes]:
    content.seek(0)
    magic = content.read(4)
    content.seek(0)
    if magic == _ZSTD:
        raise CannotBuild("a layer is packed with zstd, which this Python cannot read")
    if not magic.startswith(_GZIP):
        return content
    with gzip.open(content) as packed:
        shutil.copyfileobj(packed, room, _CHUNK)
    return room
