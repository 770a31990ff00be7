"""The cubes' folders: what their configurations declare, and what every cube has alike."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CUBES = ROOT / "cubes"
NAMES = ("prep", "linear", "cnn", "metrics")

# Label by label what the command line's documentation says of each task.
TASKS = {
    "prepare": (
        {"data_path", "labels_path", "parameters_file"},
        {"output_path", "output_labels_path"},
    ),
    "sanity_check": ({"data_path", "labels_path", "parameters_file"}, set()),
    "statistics": ({"data_path", "labels_path", "parameters_file"}, {"output_path"}),
    "infer": ({"data_path", "parameters_file", "additional_files"}, {"output_path"}),
    "evaluate": ({"predictions", "labels", "parameters_file"}, {"output_path"}),
}
OF_CUBE = {
    "prep": {"prepare", "sanity_check", "statistics"},
    "linear": {"infer"},
    "cnn": {"infer"},
    "metrics": {"evaluate"},
}
FILES = {("statistics", "output_path"), ("evaluate", "output_path")}


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def folder(name):
    return CUBES / f"chestxray_{name}"


@pytest.fixture
def configuration(folder):
    return yaml.safe_load((folder / "container_config.yaml").read_text())


def test_the_image_is_named_after_the_cube(name, configuration):
    assert configuration["container_type"] == "DockerImage"
    assert configuration["image"] == f"medperf/chestxray-{name}:0.1"


def test_tasks_declare_the_labels_of_the_contract(name, configuration):
    assert set(configuration["tasks"]) == OF_CUBE[name]
    for task, declared in configuration["tasks"].items():
        inputs, outputs = TASKS[task]
        assert set(declared["input_volumes"]) == inputs
        assert set(declared.get("output_volumes", {})) == outputs
        assert declared["run_args"] == {"command": task}


def test_every_mount_is_below_the_volumes_and_says_what_it_is(configuration):
    for task, declared in configuration["tasks"].items():
        volumes = declared["input_volumes"] | declared.get("output_volumes", {})
        paths = [volume["mount_path"] for volume in volumes.values()]
        assert len(set(paths)) == len(paths)
        for label, volume in volumes.items():
            is_file = label == "parameters_file" or (task, label) in FILES
            assert volume["type"] == ("file" if is_file else "directory")
            assert volume["mount_path"].startswith("/mlcommons/volumes/")


def test_the_code_reads_the_mounts_that_are_declared(name, folder, configuration):
    code = "".join(path.read_text() for path in (folder / f"xray_{name}").glob("*.py"))
    for declared in configuration["tasks"].values():
        for volume in (declared["input_volumes"] | declared.get("output_volumes", {})).values():
            assert f'"{volume["mount_path"].removeprefix("/mlcommons/volumes/")}"' in code


def test_requirements_are_pinned_with_hashes_and_name_no_index(folder):
    text = (folder / "requirements.txt").read_text()
    lines = [line for line in re.sub(r"\\\n", "", text).splitlines() if not line.startswith("#")]
    for line in lines:
        assert re.fullmatch(r"[a-z]+==[\d.]+(\s+--hash=sha256:[0-9a-f]{64})+", line), line
    assert "://" not in text


def test_the_base_image_is_an_argument(folder):
    lines = (folder / "Dockerfile").read_text().splitlines()
    assert "ARG BASE_IMAGE=python:3.11-slim-bookworm" in lines
    assert {line for line in lines if line.startswith("FROM")} <= {
        "FROM ${BASE_IMAGE}",
        "FROM ${BASE_IMAGE} AS build",
    }


@pytest.mark.parametrize("model", ["linear", "cnn"])
def test_weights_are_small(model):
    weights = list((CUBES / f"chestxray_{model}/additional_files").iterdir())
    assert len(weights) == 1
    assert weights[0].stat().st_size < 300_000


def test_what_every_cube_has_alike_is_the_same():
    """Each cube stands alone, so each carries its own copy."""
    consoles = {(CUBES / f"chestxray_{n}/xray_{n}/console.py").read_text() for n in NAMES}
    assert len(consoles) == 1
    for shared in ("cases.py", "parameters.py", "infer.py"):
        linear = (CUBES / "chestxray_linear/xray_linear" / shared).read_text()
        assert (CUBES / "chestxray_cnn/xray_cnn" / shared).read_text() == linear


def test_the_entry_point_runs_by_itself_and_names_its_tasks(name, folder):
    done = subprocess.run(
        [sys.executable, "-B", folder / "main.py", "help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert all(task in done.stderr for task in OF_CUBE[name])


@pytest.mark.parametrize(
    ("cube", "task", "unwanted"),
    [
        ("prep", "sanity_check", {"PIL"}),
        ("prep", "statistics", {"PIL"}),
        ("linear", "infer", {"PIL", "onnxruntime"}),
        ("metrics", "evaluate", {"PIL", "scipy", "sklearn"}),
    ],
)
def test_a_task_loads_only_what_it_needs(cube, task, unwanted):
    program = f"import sys, xray_{cube}.{task}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=CUBES / f"chestxray_{cube}",
        capture_output=True,
        text=True,
        check=True,
    )
    assert unwanted.isdisjoint(done.stdout.split())
