"""Merges layers into one whose bytes depend on nothing but what a container would see."""

from __future__ import annotations

import os
import posixpath
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from cube_images.archive import Layer, digest_of
from cube_images.errors import CannotBuild
from cube_images.plain_tar import EPOCH

_GONE, _OPAQUE = ".wh.", ".wh..wh..opq"
_XATTR = "SCHILY.xattr."


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of the merged layer and where its content lies: a tar, and the member in it."""

    member: tarfile.TarInfo
    tar: tarfile.TarFile | None = None
    source: tarfile.TarInfo | None = None


Tree = dict[str, Entry]


def merge(layers: Sequence[tarfile.TarFile]) -> Tree:
    """What the layers, lowest first, add up to, as a layer on whatever lies below them."""
    tree: Tree = {}
    for tar in layers:
        members = {_path(member): member for member in tar.getmembers()}
        for path in filter(_is_whiteout, members):
            _take_away(tree, path)
        for path, member in members.items():
            if path and not _is_whiteout(path):
                _put(tree, path, _entry(tar, members, path, member))
    return tree


def write_layer(tree: Tree, out: IO[bytes]) -> Layer:
    """Write the tree as a tar and return it as a layer."""
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        first_name: dict[int, str] = {}
        for path in sorted(tree, key=lambda path: path.split("/")):
            _write(tar, path, tree[path], first_name)
    return Layer(digest_of(out), out, out.seek(0, os.SEEK_END))


def _write(tar: tarfile.TarFile, path: str, entry: Entry, first_name: dict[int, str]) -> None:
    member = _plain(path, entry.member)
    if entry.tar is None or entry.source is None:
        tar.addfile(member)
        return
    # Names that share one file stay one file: the first in order holds it, the others link to that.
    holder = first_name.setdefault(id(entry.source), path)
    if holder != path:
        member.type, member.linkname, member.size = tarfile.LNKTYPE, holder, 0
        tar.addfile(member)
        return
    member.type, member.linkname, member.size = tarfile.REGTYPE, "", entry.source.size
    tar.addfile(member, entry.tar.extractfile(entry.source))


def _plain(path: str, member: tarfile.TarInfo) -> tarfile.TarInfo:
    plain = tarfile.TarInfo(path)
    plain.type, plain.linkname = member.type, member.linkname
    plain.mode, plain.uid, plain.gid = member.mode & 0o7777, member.uid, member.gid
    plain.devmajor, plain.devminor = member.devmajor, member.devminor
    plain.mtime = EPOCH
    plain.pax_headers = {
        k: v for k, v in sorted(member.pax_headers.items()) if k.startswith(_XATTR)
    }
    return plain


def _entry(
    tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], path: str, member: tarfile.TarInfo
) -> Entry:
    if not (member.isreg() or member.islnk()):
        return Entry(member)
    source = members.get(_normal(member.linkname)) if member.islnk() else member
    if source is None or not source.isreg():
        raise CannotBuild(f"{path} is a hard link to {member.linkname}, which its layer lacks")
    return Entry(member, tar, source)


def _take_away(tree: Tree, whiteout: str) -> None:
    folder, name = posixpath.split(whiteout)
    if name == _OPAQUE:
        _drop_below(tree, folder)
    elif name.startswith(_GONE + _GONE):
        return  # an engine's own bookkeeping
    else:
        target = posixpath.join(folder, name.removeprefix(_GONE))
        tree.pop(target, None)
        _drop_below(tree, target)
    tree[whiteout] = Entry(tarfile.TarInfo(whiteout))


def _put(tree: Tree, path: str, entry: Entry) -> None:
    folder, name = posixpath.split(path)
    was_gone = tree.pop(posixpath.join(folder, _GONE + name), None)
    if not entry.member.isdir():
        _drop_below(tree, path)
    elif was_gone is not None:
        # A folder that was removed and made again must not show what lies below in the base.
        opaque = posixpath.join(path, _OPAQUE)
        tree[opaque] = Entry(tarfile.TarInfo(opaque))
    tree[path] = entry


def _drop_below(tree: Tree, folder: str) -> None:
    prefix = f"{folder}/" if folder else ""
    for path in [path for path in tree if path.startswith(prefix)]:
        del tree[path]


def _is_whiteout(path: str) -> bool:
    return posixpath.basename(path).startswith(_GONE)


def _path(member: tarfile.TarInfo) -> str:
    return _normal(member.name)


def _normal(name: str) -> str:
    path = posixpath.normpath(name.lstrip("/"))
    if path == ".." or path.startswith("../"):
        raise CannotBuild(f"a layer holds a path that leads out of it: {name}")
    return "" if path == "." else path
