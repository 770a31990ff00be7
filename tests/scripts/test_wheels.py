"""A cube's wheels are fetched once, for the engine's machine, and only as pinned."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from cube_images.errors import CannotBuild
from cube_images.wheels import fetch_wheels

NAME = "tinywheel-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the only index there is."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / NAME, "w") as wheel:
        wheel.writestr("tinywheel.py", "")
        info = "tinywheel-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinywheel\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def requirements(tmp_path: Path, pinned: bytes) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(f"tinywheel==1.0 --hash=sha256:{hashlib.sha256(pinned).hexdigest()}\n")
    return path


def test_wheels_are_fetched_once_and_kept(tmp_path, index):
    wanted = requirements(tmp_path, (index / NAME).read_bytes())
    fetch_wheels(wanted, tmp_path / "wheels", "amd64")
    (index / NAME).unlink()

    fetch_wheels(wanted, tmp_path / "wheels", "amd64")

    assert [path.name for path in (tmp_path / "wheels").glob("*.whl")] == [NAME]


def test_a_wheel_that_is_not_the_pinned_one_is_refused(tmp_path, index):
    with pytest.raises(CannotBuild, match="could not be fetched"):
        fetch_wheels(requirements(tmp_path, b"another"), tmp_path / "wheels", "amd64")


def test_a_wheel_for_another_machine_is_not_taken(tmp_path, index):
    wanted = requirements(tmp_path, (index / NAME).read_bytes())

    with pytest.raises(CannotBuild, match="could not be fetched"):
        fetch_wheels(wanted, tmp_path / "wheels", "arm64")


def test_a_machine_without_wheels_is_named(tmp_path, index):
    with pytest.raises(CannotBuild, match="riscv64"):
        fetch_wheels(requirements(tmp_path, b""), tmp_path / "wheels", "riscv64")
