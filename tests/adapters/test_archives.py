"""Tarballs of others: what is unpacked, and each attempt to reach outside or to grow."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medperf_client.adapters.archives import Bounds, extract
from medperf_client.errors import BadData

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


def member(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """A member with any field of its header set."""
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for field, value in fields.items():
        setattr(made, field, value)
    return made, content


def tar(*members: tuple[tarfile.TarInfo, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of these members, whatever they are."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as made:
        for info, content in members:
            made.addfile(info, io.BytesIO(content))
    return out.getvalue()


def kept(folder: Path, content: bytes) -> Path:
    """A tarball in a file; its folder holds nothing else."""
    folder.mkdir(exist_ok=True)
    (folder / "files.tar").write_bytes(content)
    return folder / "files.tar"


def refusal(folder: Path, content: bytes, bounds: Bounds | None = None) -> str:
    """What is said of a tarball, once it is sure that nothing of it is left."""
    home = folder / "home"
    tarball = kept(home, content)
    with pytest.raises(BadData) as caught:
        extract(tarball, home / "inner" / "unpacked", bounds or Bounds())
    assert sorted(path.name for path in home.rglob("*")) == ["files.tar", "inner"]
    assert sorted(folder.iterdir()) == [home]
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_files_and_folders_are_unpacked(tmp_path: Path, packing: str, kind: int) -> None:
    content = tar(
        member("./", type=tarfile.DIRTYPE, mode=0o777),
        member("./weights.bin", b"w" * 3_000_000, mode=0o4777),
        member("./sub/empty/", type=tarfile.DIRTYPE, mode=0),
        member("without/folders/of/its/own.txt", b"text", mode=0),
        kind=kind,
    )
    out = tmp_path / "out"

    extract(kept(tmp_path / "in", PACKED[packing](content)), out, Bounds())

    assert (out / "weights.bin").read_bytes() == b"w" * 3_000_000
    assert (out / "without/folders/of/its/own.txt").read_bytes() == b"text"
    found = {path.relative_to(out).as_posix(): path for path in out.rglob("*")}
    assert set(found) == {
        "weights.bin", "sub", "sub/empty", "without", "without/folders", "without/folders/of",
        "without/folders/of/its", "without/folders/of/its/own.txt",
    }  # fmt: skip
    for path in (out, *found.values()):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_the_users_mask_does_not_change_the_modes(tmp_path: Path) -> None:
    tarball = kept(tmp_path / "in", tar(member("sub/a", b"1")))
    mask = os.umask(0o277)
    try:
        extract(tarball, tmp_path / "out", Bounds())
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / "out" / "sub").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "out" / "sub" / "a").stat().st_mode) == 0o600


def test_long_and_foreign_names_are_unpacked(tmp_path: Path) -> None:
    names = ["d" * 200 + "/" + "f" * 250, "ä名\u3000.bin"]
    for kind in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        out = tmp_path / str(kind)

        extract(
            kept(tmp_path / "in", tar(*(member(name, b"1") for name in names), kind=kind)),
            out,
            Bounds(),
        )

        assert all((out / name).read_bytes() == b"1" for name in names)


def test_files_packed_in_several_streams_are_unpacked_whole(tmp_path: Path) -> None:
    content = tar(member("a", b"1" * 5_000))
    halves = content[:4_000], content[4_000:]
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        out = tmp_path / pack.__module__

        extract(kept(tmp_path / "in", b"".join(pack(half) for half in halves)), out, Bounds())

        assert (out / "a").read_bytes() == b"1" * 5_000


def test_a_link_that_stays_inside_is_kept(tmp_path: Path) -> None:
    content = tar(
        member("sub/link", type=tarfile.SYMTYPE, linkname="../weights"),
        member("weights", b"1"),
    )

    extract(kept(tmp_path / "in", content), tmp_path / "out", Bounds())

    assert (tmp_path / "out" / "sub" / "link").is_symlink()
    assert (tmp_path / "out" / "sub" / "link").read_bytes() == b"1"


def symlink(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, type=tarfile.SYMTYPE, linkname=target)


REACHING_OUT = {
    "an absolute path": ([member("/home/x", b"1")], "holds the absolute path '/home/x'"),
    "two slashes": ([member("//x", b"1")], "absolute path"),
    "a path upwards": ([member("../x", b"1")], "a path with '..': '../x'"),
    "a path down and up": ([member("a/../../x", b"1")], "a path with '..'"),
    "an absolute link": ([symlink("x", "/etc/passwd")], "'x', a link that leads out"),
    "a link upwards": ([symlink("x", "../home")], "'x', a link that leads out"),
    "a link up from a folder": ([symlink("a/x", "../../home")], "'a/x', a link that leads out"),
    "a link by way of a link": (
        [symlink("p/q/a", "../.."), symlink("p/q/b", "a/../../x")],
        "'p/q/b', a link that leads out",
    ),
    "a file through a link": (
        [symlink("a", "sub"), member("sub/x", b"1"), member("a/y", b"1")],
        "'a' twice, or as a file and as a folder",
    ),
    "a link in place of a file": ([member("a", b"1"), symlink("a", "b")], "holds 'a' twice"),
    "a file twice": ([member("a", b"1"), member("./a", b"2")], "holds 'a' twice"),
    "a file for a folder": ([member("a", b"1"), member("a/b", b"2")], "as a file and as a folder"),
    "a folder for a file": ([member("a/b", b"1"), member("a", b"2")], "as a file and as a folder"),
    "an empty folder for a file": (
        [member("a", b"1"), member("a", type=tarfile.DIRTYPE)],
        "as a file and as a folder",
    ),
    "a file as the root": ([member("./", b"1", type=tarfile.REGTYPE)], "a file and as a folder"),
    "a hard link": (
        [member("a", b"1"), member("x", type=tarfile.LNKTYPE, linkname="a")],
        "the hard link 'x'",
    ),
    "a hard link out": (
        [member("x", type=tarfile.LNKTYPE, linkname="/etc/passwd")],
        "the hard link 'x'",
    ),
    "a device": ([member("x", type=tarfile.CHRTYPE, devmajor=1, devminor=3)], "the device 'x'"),
    "a disk": ([member("x", type=tarfile.BLKTYPE, devmajor=8)], "the device 'x'"),
    "a FIFO": ([member("x", type=tarfile.FIFOTYPE)], "the FIFO 'x'"),
    "something unknown": ([member("x", type=b"Z")], "something unknown, 'x'"),
    "a newline in a name": ([member("a\nb", b"1")], r"the name 'a\\nb', which is no plain text"),
    "a name for a terminal": ([member("\x1b[2J", b"1")], "which is no plain text"),
    "a name of raw bytes": ([member("\udcff", b"1")], "which is no plain text"),
    "a name no disk takes": ([member("x" * 256, b"1")], "a path that is too long"),
    "a very deep path": ([member("x/" * 200 + "x", b"1")], "a path that is too long"),
}


@pytest.mark.parametrize("what", REACHING_OUT)
def test_what_could_reach_outside_is_refused_and_nothing_is_left(tmp_path: Path, what: str) -> None:
    members, told = REACHING_OUT[what]

    said = refusal(tmp_path, tar(member("first", b"1"), *members))

    assert told.replace("\\\\", "\\") in said
    assert said.startswith("files.tar ")
    assert said.isprintable()


def test_what_is_outside_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("as it was")
    for members, _ in REACHING_OUT.values():
        with suppress(BadData):
            extract(kept(tmp_path / "in", tar(*members)), tmp_path / "out", Bounds())

    assert (tmp_path / "precious").read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "precious"]


def test_a_sparse_file_is_refused(tmp_path: Path) -> None:
    headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": "0,1",
               "GNU.sparse.size": str(1024**4)}  # fmt: skip

    said = refusal(tmp_path, tar(member("x", b"1", pax_headers=headers)))

    assert "the sparse file 'x'" in said


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.999])
def test_an_archive_that_is_cut_off_is_refused(tmp_path: Path, packing: str, part: float) -> None:
    # Contents that no packing shortens, so that a cut goes through them.
    content = PACKED[packing](tar(member("a", os.urandom(20_000)), member("b", b"2" * 20_000)))
    whole = 2 * (512 + 20_480) if packing == "plain" else len(content)

    said = refusal(tmp_path, content[: int(whole * part)])

    assert "cut off" in said or "unexpected end" in said


def test_an_archive_that_is_cut_between_two_members_is_refused(tmp_path: Path) -> None:
    content = tar(member("a", b"1" * 512), member("b", b"2" * 512))

    assert "is cut off, or damaged" in refusal(tmp_path, content[:1024])


def test_an_archive_that_is_damaged_between_two_members_is_refused(tmp_path: Path) -> None:
    content = bytearray(tar(member("a", b"1" * 512), member("b", b"2" * 512)))
    content[1024 + 10] ^= 0xFF

    assert "is cut off, or damaged" in refusal(tmp_path, bytes(content))


def test_a_packed_archive_with_a_wrong_check_sum_is_refused(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(tar(member("a", b"1" * 512))))
    content[-8] ^= 0xFF

    assert "CRC" in refusal(tmp_path, bytes(content))


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"no archive at all", b"x" * 100_000, b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0",
     gzip.compress(b"no tar", mtime=0), b"PK\x03\x04" + b"\0" * 600],
)  # fmt: skip
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content)


def test_a_tarball_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"'gone.tar' cannot be read: No such file"):
        extract(tmp_path / "gone.tar", tmp_path / "out", Bounds())

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_already_stays_as_it_was(tmp_path: Path) -> None:
    tarball = kept(tmp_path / "in", tar(member("a", b"1")))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("as it was")

    with pytest.raises(BadData, match="is there already"):
        extract(tarball, tmp_path / "out", Bounds())

    assert (tmp_path / "out" / "mine").read_text() == "as it was"


# What grows


SMALL = Bounds(total_bytes=8 * 1024**2, harmless_bytes=1024**2, members=100)


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "xz"])
def test_a_small_archive_that_becomes_large_is_refused(tmp_path: Path, packing: str) -> None:
    bomb = PACKED[packing](tar(member("zeros", bytes(4 * 1024**2))))
    assert len(bomb) * SMALL.ratio < 4 * 1024**2

    said = refusal(tmp_path, bomb, SMALL)

    assert "unpacks to more than" in said


def test_a_bomb_after_the_archives_end_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(tar(member("a", b"1")) + bytes(4 * 1024**2))

    assert "unpacks to more than" in refusal(tmp_path, bomb, SMALL)


def test_an_archive_larger_than_the_bound_is_refused(tmp_path: Path) -> None:
    content = tar(member("a", bytes(9 * 1024**2)))

    assert "unpacks to more than 8388608 bytes" in refusal(tmp_path, content, SMALL)


def test_an_archive_that_shrinks_well_is_unpacked_where_it_is_small(tmp_path: Path) -> None:
    tarball = kept(tmp_path / "in", gzip.compress(tar(member("a", bytes(1_000_000)))))

    extract(tarball, tmp_path / "out", SMALL)

    assert (tmp_path / "out" / "a").stat().st_size == 1_000_000


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_more_members_than_allowed_are_refused(tmp_path: Path, kind: bytes) -> None:
    content = tar(*(member(f"x{number}", type=kind) for number in range(101)))

    assert "has more than 100 members" in refusal(tmp_path, content, SMALL)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_fills_the_memory_is_refused_unread(tmp_path: Path, kind: bytes) -> None:
    header, _ = member("x", type=kind, size=10 * 1024**3)
    content = header.tobuf(tarfile.GNU_FORMAT) + b"1" * 2048

    assert "a header is larger than any needs to be" in refusal(tmp_path, content)


def test_headers_without_end_are_refused(tmp_path: Path) -> None:
    header, text = member("x", b"9 a=bcd\n\n", type=tarfile.XHDTYPE)
    one = header.tobuf(tarfile.GNU_FORMAT) + text.ljust(512, b"\0")

    assert "is no tar archive, or damaged" in refusal(tmp_path, one * 5_000)


def test_a_size_below_zero_is_refused(tmp_path: Path) -> None:
    header, _ = member("x", b"")
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 12
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)

    assert refusal(tmp_path, bytes(block) + bytes(2048))


def test_an_archive_that_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    with pytest.raises(BadData, match="is a FIFO"):
        extract(tmp_path / "fifo", tmp_path / "out", Bounds())

    assert not (tmp_path / "out").exists()


WHOLE = tar(member("a/b", b"1" * 700), symlink("l", "a"), member("ä" * 120, b"2"))


@given(changes=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)),
                        min_size=1, max_size=8))  # fmt: skip
def test_no_damage_breaks_the_unpacking(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(WHOLE)
    for place, byte in changes:
        content[place] = byte
    folder = tmp_path_factory.mktemp("damaged")

    with suppress(BadData):
        extract(kept(folder, bytes(content)), folder / "out", Bounds())

    assert {path.name for path in folder.iterdir()} <= {"files.tar", "out"}
