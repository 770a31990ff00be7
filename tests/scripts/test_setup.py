"""Setting up is done once, again after a change, and afresh when it was cut short."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.scripts.conftest import SCRIPTS

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1.0"
"""
BACKEND = """
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/tiny-1.0-py3-none-any.whl", "w") as wheel:
        info = "tiny-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return "tiny-1.0-py3-none-any.whl"
"""


def set_up(project: Path) -> str:
    done = subprocess.run(
        [project / "scripts/setup.sh"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without a single package to download, set up."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "scripts").mkdir()
    for name in ("setup.sh", "apt_install.sh"):
        shutil.copy(SCRIPTS / name, folder / "scripts" / name)
    (folder / "scripts/constraints.txt").write_text("# nothing\n")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    set_up(folder)
    return folder


def test_a_second_set_up_says_and_does_nothing(project):
    before = (project / ".venv/made-from").stat().st_mtime_ns
    began = time.monotonic()

    said = set_up(project)

    assert said == ""
    assert time.monotonic() - began < 1
    assert (project / ".venv/made-from").stat().st_mtime_ns == before


def test_a_changed_pin_is_installed_into_the_same_environment(project):
    (project / ".venv/kept").touch()
    (project / "scripts/constraints.txt").write_text("# other\n")

    said = set_up(project)

    assert "Setting up" in said
    assert (project / ".venv/kept").exists()
    assert set_up(project) == ""


def test_an_interrupted_set_up_is_begun_afresh(project):
    (project / ".venv/half-a-package").touch()
    (project / ".venv/made-from").unlink()

    set_up(project)

    assert not (project / ".venv/half-a-package").exists()


def test_a_checkout_that_moved_gets_a_new_environment(project, tmp_path):
    moved = shutil.copytree(project, tmp_path / "moved", symlinks=True)

    set_up(moved)

    pip = (moved / ".venv/bin/pip").read_text()
    assert str(moved) in pip
    assert str(project) not in pip
