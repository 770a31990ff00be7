"""An engine is found or started, what cannot be done is said, and nothing is left running."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer

import pytest

from tests.scripts.conftest import SCRIPTS, RunScript, lay_out

# Programs that stand in for the system's: who we are, and an engine that can only answer.
ROOT = "#!/bin/sh\necho 0\n"
SOMEBODY = "#!/bin/sh\necho 1000\n"
APT = "#!/bin/sh\nexit 0\n"
MAC = "#!/bin/sh\necho Darwin\n"
BROKEN_DOCKERD = "#!/bin/sh\necho 'level=fatal msg=no-cgroups' >&2\nexit 1\n"
DOCKERD = f"""#!{sys.executable}
import socketserver, sys
class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        self.rfile.readline()
        self.wfile.write(b"HTTP/1.0 200 OK\\r\\n\\r\\nOK")
path = sys.argv[sys.argv.index("--host") + 1].removeprefix("unix://")
socketserver.UnixStreamServer(path, Answer).serve_forever()
"""
AS_ROOT = {"id": ROOT, "apt-get": APT, "dockerd": DOCKERD}

starts_engines = pytest.mark.skipif(
    not shutil.which("setsid"), reason="engines are started on Linux alone"
)


class _Ping(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(UnixStreamServer):
    def get_request(self):
        # The handler prints its client's address, which a socket in a file has none of.
        return super().get_request()[0], ("", 0)


@pytest.fixture
def running_engine(tmp_path: Path) -> Iterator[str]:
    """The address of an engine that answers."""
    with _Server(str(tmp_path / "engine.sock"), _Ping) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"unix://{tmp_path}/engine.sock"
        server.shutdown()
        thread.join()


def processes_naming(folder: Path) -> list[str]:
    """Command lines of what runs for an engine in `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end while we look
            found.append((process / "cmdline").read_text().replace("\0", " "))
    return [line for line in found if f"{folder}/docker" in line]


def test_an_engine_that_answers_is_used_and_left_alone(run_script: RunScript, running_engine):
    ended = run_script("ensure_engine.sh", DOCKER_HOST=running_engine)

    assert (ended.returncode, ended.stdout) == (0, f"{running_engine}\n\n")


def test_the_command_finds_the_engine_and_its_exit_code_comes_back(
    run_script: RunScript, running_engine
):
    ended = run_script(
        "with_engine.sh", "sh", "-c", "echo $DOCKER_HOST; exit 7", DOCKER_HOST=running_engine
    )

    assert (ended.returncode, ended.stdout.strip()) == (7, running_engine)


def test_an_address_without_an_engine_is_named(run_script: RunScript, tmp_path):
    ended = run_script("ensure_engine.sh", DOCKER_HOST=f"unix://{tmp_path}/none.sock")

    assert ended.returncode == 1
    assert f"unix://{tmp_path}/none.sock, and no engine answers there" in ended.stderr


def test_the_command_does_not_run_without_an_engine(run_script: RunScript, tmp_path):
    ended = run_script("with_engine.sh", "echo", "ran", DOCKER_HOST=f"unix://{tmp_path}/none.sock")

    assert (ended.returncode, ended.stdout) == (1, "")


def test_who_may_not_install_an_engine_is_told_what_to_do(run_script: RunScript):
    ended = run_script("ensure_engine.sh", programs={"id": SOMEBODY}, MEDPERF_ENGINE_START="always")

    assert ended.returncode == 1
    assert "sudo apt-get install docker.io" in ended.stderr
    assert "DOCKER_HOST=" in ended.stderr


def test_on_a_mac_other_engines_are_named(run_script: RunScript):
    programs = {"id": SOMEBODY, "uname": MAC}

    ended = run_script("ensure_engine.sh", programs=programs, MEDPERF_ENGINE_START="always")

    assert "Docker Desktop" in ended.stderr
    assert "apt-get" not in ended.stderr


def test_a_package_that_may_not_be_installed_is_named(run_script: RunScript):
    ended = run_script("apt_install.sh", "debootstrap", programs={"id": SOMEBODY, "apt-get": APT})

    assert ended.returncode == 1
    assert "sudo apt-get install --no-install-recommends debootstrap" in ended.stderr


@starts_engines
def test_a_started_engine_is_gone_after_the_command(run_script: RunScript, tmp_path):
    ended = run_script(
        "with_engine.sh", "sh", "-c", "echo $DOCKER_HOST", programs=AS_ROOT,
        MEDPERF_ENGINE_START="always", MEDPERF_ENGINE_DIR=str(tmp_path / "engine"),
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (0, f"unix://{tmp_path}/engine/docker.sock\n")
    assert processes_naming(tmp_path / "engine") == []


@starts_engines
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_started_engine_is_gone_after_a_signal(tmp_path, number):
    lay_out(tmp_path, AS_ROOT)
    running = subprocess.Popen(
        [SCRIPTS / "with_engine.sh", "sh", "-c", "echo started; exec sleep 60"],
        env=os.environ | {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "MEDPERF_ENGINE_START": "always", "MEDPERF_ENGINE_DIR": str(tmp_path / "engine"),
        },
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with running:
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"
        assert len(processes_naming(tmp_path / "engine")) == 1
        running.send_signal(number)

    assert running.returncode == 128 + number
    assert processes_naming(tmp_path / "engine") == []


@starts_engines
def test_an_engine_that_does_not_start_is_explained(run_script: RunScript, tmp_path):
    ended = run_script(
        "with_engine.sh", "echo", "ran", programs=AS_ROOT | {"dockerd": BROKEN_DOCKERD},
        MEDPERF_ENGINE_START="always", MEDPERF_ENGINE_DIR=str(tmp_path / "engine"),
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "no-cgroups" in ended.stderr
    assert "Usual causes" in ended.stderr


@starts_engines
def test_a_number_left_by_a_crashed_engine_does_not_stop_the_next(run_script: RunScript, tmp_path):
    left = tmp_path / "engine/docker.pid"
    left.parent.mkdir()
    left.write_text(str(os.getpid()))

    ended = run_script(
        "with_engine.sh", "sh", "-c", f"test -e {left} || echo gone", programs=AS_ROOT,
        MEDPERF_ENGINE_START="always", MEDPERF_ENGINE_DIR=str(tmp_path / "engine"),
    )  # fmt: skip

    assert ended.stdout == "gone\n"


@pytest.mark.engine
@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("dockerd"), reason="needs root and Docker's daemon"
)
def test_a_real_engine_is_started_beside_the_machines_own_and_stopped(run_script: RunScript):
    # Not in pytest's folder: the name of a socket has at most 108 bytes, and engines nest theirs.
    with tempfile.TemporaryDirectory(prefix="engine-", ignore_cleanup_errors=True) as folder:
        ended = run_script(
            "with_engine.sh", sys.executable, "-c",
            "import docker; print(docker.from_env().images.list())",
            MEDPERF_ENGINE_START="always", MEDPERF_ENGINE_DIR=folder,
        )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (0, "[]\n"), ended.stderr
    assert processes_naming(Path(folder)) == []
