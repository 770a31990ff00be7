"""The storage as commands share it: scratch folders, adopted results, locks, JSON records."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from medperf_client.adapters.workspace import LOCKS, SCRATCH, LocalWorkspace
from medperf_client.errors import BadData, OutOfOrder

PROJECT = Path(__file__).resolve().parents[2]


class Record(BaseModel):
    state: str
    count: int = 0


@pytest.fixture
def workspace(tmp_path: Path) -> LocalWorkspace:
    return LocalWorkspace(tmp_path / "storage")


HOLDS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from medperf_client.adapters.workspace import LocalWorkspace
workspace = LocalWorkspace(Path(sys.argv[2]))
with workspace.lock("results", "b1m4d1"), workspace.scratch() as scratch:
    (scratch / "patient").write_text("x")
    print(scratch, flush=True)
    sys.stdin.readline()
"""
Start = Callable[[], tuple["subprocess.Popen[str]", Path]]


@pytest.fixture
def holder(workspace: LocalWorkspace) -> Iterator[Start]:
    """Starts a command that holds a lock and a scratch folder until it ends."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple["subprocess.Popen[str]", Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDS, str(PROJECT), str(workspace.root)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in started:
        process.communicate("\n" if process.poll() is None else None, timeout=30)


@pytest.fixture(params=[0o000, 0o077])
def any_umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("any_umask")
def test_everything_in_the_storage_is_its_owners_alone(workspace: LocalWorkspace) -> None:
    workspace.write(workspace.folder("data", "1") / "record.json", {"state": "raw"})
    with workspace.lock("data", "1"), workspace.scratch() as scratch:
        made = scratch / "made"
        made.mkdir()
        (made / "file").write_text("x")
        workspace.adopt(made, workspace.path("results", "b1m1d1"))
        seen = [workspace.root, *workspace.root.rglob("*")]
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in seen}
    assert len(modes) > 8
    for path, mode in modes.items():
        assert mode == (0o700 if path.is_dir() else 0o600) or not path.exists(), path


def test_what_is_written_is_read_back(workspace: LocalWorkspace) -> None:
    file = workspace.folder("data") / "record.json"
    assert workspace.read(file, Record) is None
    workspace.write(file, Record(state="raw", count=3))
    assert workspace.read(file, Record) == Record(state="raw", count=3)
    workspace.write(file, {"state": "prepared"})
    assert workspace.read(file, Record) == Record(state="prepared")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"state": "raw"', b"[]", b'{"state": 1}', b"\xff\xfe", b"[" * 100_000, b"null"],
    ids=range(8),
)
def test_a_broken_record_is_told_with_its_place(workspace: LocalWorkspace, content: bytes) -> None:
    file = workspace.folder("data") / "record.json"
    file.write_bytes(content)
    with pytest.raises(BadData, match=r"record\.json") as caught:
        workspace.read(file, Record)
    assert "remove it" in caught.value.hint


def test_a_folder_in_a_records_place_is_told(workspace: LocalWorkspace) -> None:
    with pytest.raises(BadData):
        workspace.read(workspace.folder("record.json"), Record)


def test_numbers_that_json_lacks_are_not_written(workspace: LocalWorkspace) -> None:
    file = workspace.folder("data") / "record.json"
    with pytest.raises(ValueError, match="not JSON compliant"):
        workspace.write(file, {"auc": float("nan")})
    assert list(workspace.path("data").iterdir()) == []


def test_children_are_sorted_and_leave_out_what_a_killed_write_left(
    workspace: LocalWorkspace,
) -> None:
    for name in ("b", "a", ".b.json.x7f"):
        (workspace.folder("results") / name).touch()
    assert workspace.children("results") == ["a", "b"]
    assert workspace.children("nothing") == []
    assert workspace.children("results", "a") == []


def test_scratch_is_fresh_and_gone_afterwards(workspace: LocalWorkspace) -> None:
    with workspace.scratch() as one, workspace.scratch() as two:
        assert one != two
        assert list(one.iterdir()) == list(two.iterdir()) == []
        (one / "file").touch()
    assert workspace.children(SCRATCH) == []


def test_scratch_is_gone_after_a_failure_too(workspace: LocalWorkspace) -> None:
    with pytest.raises(FileExistsError), workspace.scratch() as scratch:
        os.mkdir(scratch)
    assert workspace.children(SCRATCH) == []


def test_scratch_of_a_dead_command_goes_and_of_a_living_one_stays(
    workspace: LocalWorkspace, holder: Start
) -> None:
    dead, left = holder()
    assert (left / "patient").exists()
    dead.kill()
    dead.wait()
    with workspace.scratch():
        assert not left.exists()
        living, kept = holder()
        with workspace.scratch():
            assert (kept / "patient").exists()
        assert living.poll() is None


def test_adopting_replaces_a_folder_as_a_whole(workspace: LocalWorkspace) -> None:
    final = workspace.path("data", "1", "prepared")
    for names in (("a", "b"), ("b", "c")):
        with workspace.scratch() as scratch:
            (scratch / "made").mkdir()
            for name in names:
                (scratch / "made" / name).write_text(name)
            workspace.adopt(scratch / "made", final)
    assert sorted(path.name for path in final.iterdir()) == ["b", "c"]
    assert workspace.children(SCRATCH) == []


def test_adopting_replaces_a_file(workspace: LocalWorkspace) -> None:
    final = workspace.path("data", "1", "statistics.yaml")
    for text in ("old", "new"):
        with workspace.scratch() as scratch:
            (scratch / "made").write_text(text)
            workspace.adopt(scratch / "made", final)
    assert final.read_text() == "new"


def test_a_link_in_the_place_is_replaced_and_not_followed(
    workspace: LocalWorkspace, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    final = workspace.folder("data") / "final"
    final.symlink_to(tmp_path / "elsewhere")
    with workspace.scratch() as scratch:
        (scratch / "made").write_text("new")
        workspace.adopt(scratch / "made", final)
    assert not final.is_symlink()
    assert (tmp_path / "elsewhere").read_text() == "kept"


def test_a_lock_is_refused_at_once_and_names_its_holder(
    workspace: LocalWorkspace, holder: Start
) -> None:
    process, _ = holder()
    with (
        pytest.raises(OutOfOrder, match=f"process {process.pid}") as caught,
        workspace.lock("results", "b1m4d1"),
    ):
        pytest.fail("held twice")
    assert "results/b1m4d1" in caught.value.message
    with workspace.lock("results", "another"):
        pass


def test_a_killed_holder_holds_nothing(workspace: LocalWorkspace, holder: Start) -> None:
    process, _ = holder()
    process.kill()
    process.wait()
    with workspace.lock("results", "b1m4d1"):
        lock = workspace.path(LOCKS, "results_b1m4d1.lock")
        assert lock.read_text() == f"{os.getpid()}\n"


def test_a_lock_is_free_again_after_its_work_and_after_a_failure(
    workspace: LocalWorkspace,
) -> None:
    with workspace.lock("data", "1"):
        pass
    with pytest.raises(ZeroDivisionError), workspace.lock("data", "1"):
        raise ZeroDivisionError
    with workspace.lock("data", "1"):
        pass


def test_removing_takes_files_and_folders_and_minds_no_absence(
    workspace: LocalWorkspace,
) -> None:
    (workspace.folder("data", "1") / "file").touch()
    workspace.remove(workspace.path("data", "1"))
    workspace.remove(workspace.path("data", "1"))
    assert workspace.children("data") == []
