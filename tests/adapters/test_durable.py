"""Writes that a crash at any moment leaves old or new, and removals that nothing hinders."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from medperf_client.adapters import durable
from medperf_client.errors import BadData
from tests.adapters.dying_writers import NEW, OLD

PROJECT = Path(__file__).resolve().parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def any_umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("any_umask")
def test_folders_and_files_are_their_owners_alone(tmp_path: Path) -> None:
    made = durable.make_folder(tmp_path / "a" / "b")
    durable.write_file(made / "file", b"content")
    assert (mode(made), mode(made.parent), mode(made / "file")) == (0o700, 0o700, 0o600)


def test_a_folder_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    durable.make_folder(tmp_path)
    assert mode(tmp_path) == 0o750


def test_a_file_where_a_folder_must_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("in the way")
    for make in (durable.make_folder, durable.keep_folder):
        for path in (tmp_path / "a", tmp_path / "a" / "b"):
            with pytest.raises(BadData, match=str(tmp_path / "a")):
                make(path)


def test_what_fails_while_it_is_written_leaves_the_old_file_alone(tmp_path: Path) -> None:
    durable.write_file(tmp_path / "file", b"old")
    with pytest.raises(TypeError), durable.replacing(tmp_path / "file") as file:
        file.writelines([b"ne", None])  # type: ignore[list-item] - the second is the fault
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def dying_writers(way: str, place: Path) -> Any:
    """What is left after each of many writers died."""
    program = Path(__file__).with_name("dying_writers.py")
    ended = subprocess.run(
        [sys.executable, program, way, place], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    durable.write_file(tmp_path / "record.json", b'{"number": -1}')
    numbers = dying_writers("kill", tmp_path / "record.json")
    assert len(numbers) == 30
    assert len(set(numbers)) > 1


def test_a_crash_at_any_step_leaves_old_or_new_and_a_retry_works(tmp_path: Path) -> None:
    outcomes = dying_writers("crash", tmp_path)
    assert len(outcomes) > 15
    folders = [outcome["folder"] for outcome in outcomes]
    records = [outcome["record"] for outcome in outcomes]
    assert (records[0], folders[0]) == ("old", OLD)
    assert (records[-1], folders[-1]) == ("new", NEW)
    # In this order, each once begun never taken back: the record, the old folder aside, the new.
    assert records == sorted(records, key=["old", "new"].index)
    assert folders == sorted(folders, key=[OLD, None, NEW].index)
    assert folders[records.index("new") - 1] == OLD
    assert all(outcome["retried"] for outcome in outcomes)
    assert all(outcome["scratch"] == [] for outcome in outcomes)


def test_what_was_moved_is_private_whatever_a_container_made_of_it(tmp_path: Path) -> None:
    inner = tmp_path / "made" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    (inner / "file").chmod(0o666)
    inner.chmod(0o777)
    durable.sync_tree(tmp_path / "made")
    durable.move(tmp_path / "made", tmp_path / "final")
    assert (mode(tmp_path / "final" / "inner"), mode(tmp_path / "final" / "inner" / "file")) == (
        0o700,
        0o600,
    )


def test_a_link_in_a_tree_is_not_followed_by_sync_or_removal(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir(mode=0o755)
    (tmp_path / "outside" / "kept").write_text("kept")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "link").symlink_to(tmp_path / "outside")
    (tree / "dangling").symlink_to(tmp_path / "nowhere")
    durable.sync_tree(tree)
    durable.remove_tree(tree)
    assert (tmp_path / "outside" / "kept").read_text() == "kept"
    assert mode(tmp_path / "outside") == 0o755
    assert not tree.exists()


def test_a_link_to_a_folder_is_removed_and_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    durable.remove_tree(tmp_path / "link")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_nothing_to_remove_is_fine(tmp_path: Path) -> None:
    durable.remove_tree(tmp_path / "nothing")
    durable.remove_tree(tmp_path / "no" / "thing")


REMOVES = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from medperf_client.adapters.durable import remove_tree
from medperf_client.errors import BadData
import pydantic, uuid, tempfile
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
top = Path(sys.argv[2])
for path in ("a/b/c", "d"):
    (top / path).mkdir(parents=True)
    (top / path / "file").write_text("x")
for path in ("a/b/c", "a/b", "a", "d"):
    (top / path).chmod(0 if path != "d" else 0o500)
remove_tree(top)
print(top.exists())
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder in which everybody may make others; pytest's own lie where few may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_an_ordinary_user_removes_closed_folders_within_closed_folders(open_folder: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", REMOVES, str(PROJECT), str(open_folder / "top")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.stdout, ended.stderr) == ("False\n", "")


def test_folders_nested_deeper_than_any_path_are_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(top)
        for _ in range(2000):
            os.mkdir("nested")
            os.chdir("nested")
        Path("file").write_text("x")
    finally:
        os.fchdir(before)
        os.close(before)
    durable.remove_tree(top)
    assert not top.exists()


def test_two_may_remove_the_same_at_the_same_time(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from medperf_client.adapters.workspace import LocalWorkspace\n"
        "workspace = LocalWorkspace(Path(sys.argv[2]))\n"
        "for _ in range(40):\n"
        "    with workspace.scratch() as scratch:\n"
        "        (scratch / 'new').mkdir(); (scratch / 'new' / 'file').touch()\n"
        "        workspace.adopt(scratch / 'new', workspace.path('data', sys.argv[3]))\n"
    )
    words = [sys.executable, "-c", code, str(PROJECT), str(tmp_path)]
    clients = [
        subprocess.Popen([*words, str(number)], stderr=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    ends = [(client.communicate(timeout=60)[1], client.returncode) for client in clients]
    assert ends == [("", 0)] * 3
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["0", "1", "2"]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    place = tmp_path / "tiny"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", place], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_told_and_leaves_the_old_file_and_nothing_else(tiny_disk: Path) -> None:
    durable.write_file(tiny_disk / "file", b"old")
    with pytest.raises(BadData, match="No space left") as caught:
        durable.write_file(tiny_disk / "file", bytes(1024 * 1024))
    assert "MEDPERF_STORAGE" in caught.value.hint
    assert [path.name for path in tiny_disk.iterdir()] == ["file"]
    assert (tiny_disk / "file").read_bytes() == b"old"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write to")
def test_a_place_that_takes_no_files_is_told_with_a_hint() -> None:
    with pytest.raises(BadData, match="cannot be written") as caught:
        durable.write_file(Path("/proc/self/new"), b"x")
    assert caught.value.hint
