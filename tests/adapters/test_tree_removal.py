"""Folders that containers filled are removed whatever is in them, and nothing else is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from medperf_client.adapters.tree_removal import remove_folder

_RIGHTS = "-dac_override,-dac_read_search,-fowner"


def nest(folder: Path, depth: int) -> None:
    """Folders in folders, further down than any path reaches, each with a file."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=inner))
        os.close(here)
        here = inner
    os.close(here)


def test_a_tree_deeper_than_paths_and_stacks_reach_is_removed(tmp_path: Path) -> None:
    depth = max(sys.getrecursionlimit(), os.pathconf(tmp_path, "PC_PATH_MAX") // 2) + 100
    (tmp_path / "out").mkdir()
    nest(tmp_path / "out", depth)

    try:
        remove_folder(tmp_path / "out")
        assert list(tmp_path.iterdir()) == []
    finally:
        # pytest itself could not remove what a failure leaves.
        subprocess.run(["rm", "-rf", str(tmp_path / "out")], check=True)


def test_links_go_and_what_they_lead_to_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "scan.png").write_text("x")
    inner = tmp_path / "out" / "inner"
    inner.mkdir(parents=True)
    for folder in (tmp_path / "out", inner):
        (folder / "to_folder").symlink_to(tmp_path / "kept")
        (folder / "to_file").symlink_to(tmp_path / "kept" / "scan.png")
        (folder / "to_nothing").symlink_to("nowhere")

    remove_folder(tmp_path / "out")

    assert not (tmp_path / "out").exists()
    assert (tmp_path / "kept" / "scan.png").read_text() == "x"


def test_a_link_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "scan.png").write_text("x")
    (tmp_path / "out").symlink_to(tmp_path / "kept")

    with pytest.raises(OSError, match="out"):
        remove_folder(tmp_path / "out")

    assert (tmp_path / "kept" / "scan.png").exists()


def test_folders_without_rights_inside_others_without_rights_are_removed(tmp_path: Path) -> None:
    """Root may enter them anyway, so there the work is done without that right."""
    inner = tmp_path / "out" / "closed" / "closed"
    inner.mkdir(parents=True)
    (inner / "f").write_text("x")
    inner.chmod(0)
    inner.parent.chmod(0)
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("setpriv, which takes root's rights away, is not here")
    rightless = ["setpriv", f"--inh-caps={_RIGHTS}", f"--bounding-set={_RIGHTS}"]
    code = (
        "import sys; from pathlib import Path;"
        "from medperf_client.adapters.tree_removal import remove_folder;"
        "remove_folder(Path(sys.argv[1]))"
    )

    ended = subprocess.run(
        [
            *(rightless if os.getuid() == 0 else []),
            *(sys.executable, "-c", code, str(tmp_path / "out")),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "out").exists()
