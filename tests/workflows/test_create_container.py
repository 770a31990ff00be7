"""Starter folders: complete, readable by the client itself, and never written over anything."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from medperf_client.adapters.files import LocalFiles
from medperf_client.errors import BadData, UsageFault
from medperf_client.workflows.create_container import CONFIG, STARTERS, create_container

NAMED = "registry.example:5000/lab/mine:2"
PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", STARTERS)
def test_a_starter_is_a_whole_container_with_the_image_that_was_named(
    kind: str, tmp_path: Path
) -> None:
    made = create_container(kind, tmp_path, "mine", NAMED)

    assert made.folder == tmp_path / "mine"
    assert (made.folder / "Dockerfile").read_text().count("ARG BASE_IMAGE=") == 1
    assert {"main.py", "parameters.yaml", ".dockerignore"} <= {
        path.name for path in made.folder.iterdir()
    }
    assert LocalFiles().read_config(made.folder / CONFIG).image == NAMED
    assert not list(made.folder.rglob("__pycache__"))


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "precious.txt").write_text("mine")

    with pytest.raises(BadData, match="there already"):
        create_container("model", tmp_path)

    assert [path.name for path in (tmp_path / "model").iterdir()] == ["precious.txt"]


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BadData, match="file"):
        create_container("model", tmp_path / "file")


@pytest.mark.parametrize("image", ["My Image", "UPPER/model:1", "model:", "a//b", "x\ny: 1"])
def test_what_no_engine_takes_as_a_name_is_refused(image: str, tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no name of an image"):
        create_container("model", tmp_path, None, image)

    assert not list(tmp_path.iterdir())


def test_an_unknown_template_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageFault) as caught:
        create_container("metrics", tmp_path)

    assert all(kind in caught.value.hint for kind in STARTERS)


def test_the_wheel_carries_every_starter(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=PROJECT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    home = PROJECT / "medperf_client" / "starters"
    wanted = {
        f"medperf_client/starters/{path.relative_to(home).as_posix()}"
        for path in home.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert len(wanted) > 10
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())
