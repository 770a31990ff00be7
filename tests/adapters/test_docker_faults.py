"""No engine, or one that keeps us out, is told in one sentence with what to do."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker.errors
import pytest

from medperf_client.adapters.docker_engine import DockerEngine
from medperf_client.adapters.docker_faults import engine_faults
from medperf_client.errors import Cause, ContainerFailed
from tests.adapters.container_bench import client

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name that everybody may enter; a socket's path has few characters."""
    folder = Path(tempfile.mkdtemp(prefix="engine"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken and does not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_closed_port_is_no_engine(closed_port: int) -> None:
    process = client("none", "", host=f"tcp://127.0.0.1:{closed_port}")
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert said.splitlines()[0] == "No container engine answers."
    assert "DOCKER_HOST" in said


def test_a_dead_socket_is_no_engine(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / "s"))
    process = client("none", "", host=f"unix://{folder}/s")
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert said.splitlines()[0] == "No container engine answers."


def test_an_engine_named_in_no_known_way_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "carrier-pigeon://home")
    with pytest.raises(ContainerFailed) as caught:
        DockerEngine().check()
    assert caught.value.cause is Cause.ENGINE_UNREACHABLE


@pytest.mark.engine
def test_a_socket_one_may_not_use_is_told_apart(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
        listening.listen()
        (folder / "s").chmod(0)
        # Root may use any socket, and becomes nobody for this.
        uid = NOBODY if os.getuid() == 0 else None
        process = client("none", "", uid=uid, host=f"unix://{folder}/s")
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert "does not let you in" in said
    assert "group `docker`" in said


@pytest.mark.parametrize(
    ("explanation", "cause"),
    [
        ("could not select device driver with capabilities: [[gpu]]", Cause.GPU_MISSING),
        ("write /var/lib/x: no space left on device", Cause.DISK_FULL),
        ('exec: "x": executable file not found in $PATH', Cause.COMMAND_MISSING),
        ('exec: "/x": permission denied: unknown', Cause.COMMAND_MISSING),
        ("invalid mount config: stat /home/me: permission denied", Cause.ENGINE_REFUSED),
        ("something entirely new", Cause.ENGINE_REFUSED),
    ],
)
def test_a_refusal_of_the_engine_has_its_cause(explanation: str, cause: Cause) -> None:
    with pytest.raises(ContainerFailed) as caught, engine_faults("cube infer"):
        raise docker.errors.APIError("refused", explanation=explanation)
    assert caught.value.cause is cause
    assert explanation in caught.value.message
    assert caught.value.hint


def test_faults_that_are_not_the_engines_pass() -> None:
    with pytest.raises(ZeroDivisionError), engine_faults():
        raise ZeroDivisionError
