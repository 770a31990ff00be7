"""The same cube on the same base gives the same image, and assets that can be registered."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.scripts.conftest import SCRIPTS

pytestmark = pytest.mark.engine

# Each build of this differs in its dates, which layers and configurations record.
DOCKERFILE = """
ARG BASE_IMAGE
FROM ${BASE_IMAGE} AS build
COPY code.py /cube/code.py
RUN python3 -c "import pathlib; pathlib.Path('/cube/made').write_text('x')"
FROM ${BASE_IMAGE}
COPY --from=build /cube /cube
RUN python3 -c "print(open('/cube/made').read())"
ENTRYPOINT ["python3", "/cube/code.py"]
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    """A small cube, not built."""
    return write_cube(tmp_path / "tiny")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, engine: docker.DockerClient) -> Iterator[Path]:
    """A small cube, built; its image is removed in the end."""
    folder = write_cube(tmp_path_factory.mktemp("cube") / "tiny")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    yield folder
    engine.images.remove(image_name(folder))


def write_cube(folder: Path) -> Path:
    (folder / "additional_files").mkdir(parents=True)
    (folder / "additional_files/weights").write_text("1")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "code.py").write_text("print('hello')")
    (folder / "container_config.yaml").write_text(f"image: medperf-test/{uuid.uuid4().hex}:1\n")
    (folder / "parameters.yaml").write_text("{}\n")
    return folder


def build(cube: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            SCRIPTS / "build_cubes.sh", cube, "--workspace", cube.parent / "workspace",
            "--out", cube.parent / "assets", *options,
        ],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def image_name(cube: Path) -> str:
    return (cube / "container_config.yaml").read_text().split()[1]


def image_hash(cube: Path) -> str:
    return (cube.parent / "assets/tiny/image_hash").read_text().strip()


def nameless(engine: docker.DockerClient) -> set[str]:
    """Images of ours that no tag names."""
    return {
        image.id
        for image in engine.images.list(filters={"dangling": True})
        if (image.attrs["Config"]["Entrypoint"] or [])[-1:] == ["/cube/code.py"]
    }


def test_two_builds_without_a_cache_give_one_image(built):
    first = image_hash(built)

    again = build(built, "--no-cache")

    assert (again.returncode, image_hash(built)) == (0, first)
    assert "Building" in again.stderr


def test_a_built_image_runs_as_its_dockerfile_says(built, engine):
    said = engine.containers.run(image_name(built), network_mode="none", remove=True)

    assert said == b"hello\n"


def test_what_did_not_change_is_not_built_again(built):
    first = image_hash(built)

    again = build(built)

    assert (again.stderr, image_hash(built)) == ("", first)


def test_changed_code_gives_another_image_and_leaves_no_nameless_one(built, engine):
    first = image_hash(built)
    (built / "code.py").write_text(f"print('hello')  # {uuid.uuid4()}")

    build(built)

    assert image_hash(built) != first
    assert nameless(engine) == set()


def test_the_assets_lie_beside_the_hash(built):
    laid_out = {path.name for path in (built.parent / "assets/tiny").iterdir()}

    assert laid_out == {
        "additional_files.tar.gz", "container_config.yaml", "image_hash", "parameters.yaml",
    }  # fmt: skip


def test_a_build_that_fails_shows_its_last_lines_and_leaves_no_hash(cube):
    (cube / "Dockerfile").write_text("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN echo why && exit 9\n")

    failed = build(cube)

    assert failed.returncode == 1
    assert "why" in failed.stderr
    assert not (cube.parent / "assets/tiny/image_hash").exists()


def test_a_build_has_no_network(cube):
    connect = "import socket; socket.create_connection(('192.0.2.1', 9), 5)"
    (cube / "Dockerfile").write_text(
        f'ARG BASE_IMAGE\nFROM ${{BASE_IMAGE}}\nRUN python3 -c "{connect}"\n'
    )

    failed = build(cube)

    assert "Network is unreachable" in failed.stderr


def test_a_base_that_cannot_be_had_is_named(cube):
    failed = build(cube, "--base", "localhost:9/none:1")

    assert failed.returncode == 1
    assert "localhost:9/none:1 is neither here nor can it be pulled" in failed.stderr


def test_a_folder_that_is_no_cube_is_named(cube, tmp_path):
    failed = build(tmp_path)

    assert failed.returncode == 1
    assert "is no cube" in failed.stderr
