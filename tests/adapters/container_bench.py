"""What the tests of a real engine share: jobs that run Python inside, other processes, a proxy."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest

from medperf_client.adapters.docker_engine import DockerEngine
from medperf_client.errors import ContainerFailed
from medperf_client.policy.sandbox import Limits
from medperf_client.ports.engine import ContainerJob

PROJECT = Path(__file__).resolve().parents[2]
IMAGE = PROJECT / "build" / "assets" / "chestxray_linear" / "image_hash"
MARK = "org.medperf.test"


@cache
def image_id() -> str:
    """An image of this project with Python and numpy inside, by its digest."""
    return IMAGE.read_text().strip()


def python_job(code: str, mark: str, **fields: Any) -> ContainerJob:
    """A container that runs ``code``; fields of its limits may be given beside its own."""
    limits = {name: fields.pop(name) for name in list(fields) if hasattr(Limits, name)}
    defaults: dict[str, Any] = {
        "image_id": image_id(),
        "name": "test cube",
        "inputs": {},
        "outputs": {},
        "entrypoint": ("python3", "-c", code),
        "labels": {MARK: mark},
    }
    return ContainerJob(**{**defaults, **fields}, limits=replace(Limits(), **limits))


def marked(mark: str) -> list[str]:
    """Ids of the engine's containers with this test's mark, running or not."""
    with contextlib.closing(docker.from_env()) as client:
        filters = {"label": f"{MARK}={mark}"}
        return [found.id for found in client.containers.list(all=True, filters=filters)]


class Bench:
    """An engine, a folder, and a mark that this test's containers bear."""

    def __init__(self, engine: DockerEngine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.mark = uuid4().hex
        self.lines: list[str] = []
        self.out = folder / "out"
        self.out.mkdir()

    def run(self, code: str, **fields: Any) -> list[str]:
        """The lines that ``code`` printed."""
        self.lines.clear()
        self.engine.run(python_job(code, self.mark, **fields), self.lines.append)
        return self.lines

    def fail(self, code: str, **fields: Any) -> ContainerFailed:
        """How a run that must fail did so."""
        with pytest.raises(ContainerFailed) as caught:
            self.run(code, **fields)
        return caught.value

    def containers(self) -> list[str]:
        """Containers of this test that are still there."""
        return marked(self.mark)


DRIVER = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from tests.adapters.container_bench import python_job
from medperf_client.adapters.docker_engine import DockerEngine
from medperf_client.errors import MedperfError
signal.signal(signal.SIGTERM, signal.default_int_handler)
mark, code, uid, groups, out, timeout_s, host = sys.argv[2:9]
def run():
    engine = DockerEngine()
    outputs = {"/out": out} if out else {}
    job = python_job(code, mark, outputs=outputs, timeout_s=float(timeout_s) or None)
    try:
        engine.run(job, lambda line: print(line, flush=True))
    finally:
        engine.close()
if uid:
    # What is imported late lies where an ordinary user may not look: all of it is used once.
    warm = DockerEngine()
    try:
        warm.run(python_job("", mark), print)
    except MedperfError:
        pass
    warm.close()
    os.setgroups([int(group) for group in groups.split(",") if group])
    os.setgid(int(uid))
    os.setuid(int(uid))
if host:
    os.environ["DOCKER_HOST"] = host
try:
    run()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(7)
except MedperfError as error:
    print(error.message, flush=True)
    print(error.hint, flush=True)
    sys.exit(error.exit_code)
"""


def client(
    mark: str,
    code: str,
    *,
    uid: int | None = None,
    groups: tuple[int, ...] = (),
    out: Path | None = None,
    timeout_s: float = 0,
    host: str = "",
) -> "subprocess.Popen[str]":
    """A process of its own that runs one container, after becoming another user where asked.

    ``host`` is where it looks for the engine, in place of where this process does.
    """
    words = (
        mark,
        code,
        "" if uid is None else str(uid),
        ",".join(map(str, groups)),
        str(out or ""),
        str(timeout_s),
        host,
    )
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(PROJECT), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def engine_socket() -> str:
    """Where the engine listens; skips where that is no unix socket."""
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not host.startswith("unix://"):
        pytest.skip("this engine listens on no unix socket")
    return host.removeprefix("unix://")


class EngineProxy:
    """Passes bytes between clients and the engine's socket, until it is cut.

    For clients in processes of their own: where it cannot connect, the Docker SDK leaves its
    socket to the garbage collector, which a test takes for a fault.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        # A path of pytest's own may be too long for a socket.
        self._folder = Path(tempfile.mkdtemp(prefix="engine"))
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / "s"))
        self._listener.listen()
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._changes = threading.Lock()
        self._is_cut = False
        self._start(self._accept)

    @property
    def address(self) -> str:
        return f"unix://{self._folder}/s"

    def cut(self) -> None:
        """End every connection and take no new one: the engine is gone, for all a client sees."""
        with self._changes:
            self._is_cut = True
            for end in (self._listener, *self._ends):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def close(self) -> None:
        self.cut()
        for thread in self._threads:
            thread.join(timeout=5)
        for end in self._ends:
            end.close()
        shutil.rmtree(self._folder)

    def _start(self, target: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._join(near, socket.socket(socket.AF_UNIX))

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        with self._changes:
            self._ends += [near, far]
            if self._is_cut:
                # It came while the others were cut; closed, it is refused like those after it.
                near.shutdown(socket.SHUT_RDWR)
                return
            far.connect(self._upstream)
            self._start(self._pump, near, far)
            self._start(self._pump, far, near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
