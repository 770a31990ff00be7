"""Small image archives, in both layouts, whose clocks and contents a test chooses."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class File:
    """A member of a layer; `mtime` and `owner` are what builders vary."""

    name: str
    content: bytes = b""
    mtime: int = 1_000
    kind: bytes = tarfile.REGTYPE
    link: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def layer(*files: File) -> bytes:
    """A layer's tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for file in files:
            member = tarfile.TarInfo(file.name)
            member.mtime, member.type, member.linkname = file.mtime, file.kind, file.link
            member.size, member.pax_headers = len(file.content), dict(file.headers)
            tar.addfile(member, io.BytesIO(file.content))
    return out.getvalue()


def digest(content: bytes) -> str:
    """A digest as images write it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def config(layers: Sequence[bytes], **more: Any) -> bytes:
    """An image's configuration."""
    return json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["A=1"], "Cmd": ["run"], "Hostname": "", "Image": "sha256:1"},
            "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in layers]},
            **more,
        }
    ).encode()


def write_tar(path: Path, files: Mapping[str, bytes]) -> Path:
    """An archive of these files."""
    path.write_bytes(layer(*(File(name, content) for name, content in files.items())))
    return path


def docker_archive(path: Path, layers: Sequence[bytes], configuration: bytes) -> Path:
    """What older engines save: a folder a layer."""
    names = [f"{index}/layer.tar" for index in range(len(layers))]
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": names}]
    files = dict(zip(names, layers, strict=True))
    return write_tar(
        path, {**files, "c.json": configuration, "manifest.json": json.dumps(manifest).encode()}
    )


def oci_archive(path: Path, layers: Sequence[bytes], configuration: bytes) -> Path:
    """What newer builders save: blobs by digest, layers packed, and a note on how it was built."""
    packed = [gzip.compress(one) for one in layers]
    manifest = json.dumps(
        {
            "config": {"digest": digest(configuration)},
            "layers": [{"digest": digest(one)} for one in packed],
        }
    ).encode()
    index = {
        "manifests": [
            {"digest": digest(manifest), "platform": {"os": "linux"}},
            {"digest": digest(b"note"), "platform": {"os": "unknown"}},
        ]
    }
    blobs = {
        f"blobs/{digest(one).replace(':', '/')}": one for one in (*packed, configuration, manifest)
    }
    return write_tar(path, {**blobs, "index.json": json.dumps(index).encode()})
