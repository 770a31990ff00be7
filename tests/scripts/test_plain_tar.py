"""Tarballs of assets depend on what is in them, not on when or where they were made."""

import os
import tarfile
from pathlib import Path

from cube_images.plain_tar import write_tarball


def tarball(folder: Path, names: list[str], mtime: int) -> bytes:
    for name in names:
        path = folder / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (mtime, mtime))
    write_tarball(folder / f"{mtime}.tar.gz", folder / "content")
    return (folder / f"{mtime}.tar.gz").read_bytes()


def test_the_same_files_give_the_same_bytes(tmp_path):
    first = tarball(tmp_path / "one", ["b", "a/c", "a.txt"], mtime=1_000)
    second = tarball(tmp_path / "two", ["a.txt", "a/c", "b"], mtime=2_000)

    assert first == second


def test_the_content_is_at_the_root_and_byte_code_stays_out(tmp_path):
    tarball(tmp_path, ["weights.npz", "__pycache__/x.pyc"], mtime=1)

    with tarfile.open(tmp_path / "1.tar.gz") as tar:
        assert tar.getnames() == ["weights.npz"]
        assert tar.getmembers()[0].uid == 0
