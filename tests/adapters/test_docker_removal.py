"""No container outlives its run: not a failure, not Ctrl+C, and not a killed client for long."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from medperf_client.adapters.docker_engine import DockerEngine
from tests.adapters.container_bench import Bench, EngineProxy, client, marked, python_job

pytestmark = pytest.mark.engine

WAITS = "import time; print('running', flush=True); time.sleep(60)"
Start = Callable[[], tuple["subprocess.Popen[str]", str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts clients of their own, each with a container that runs; ends what is left."""
    clients = []

    def begin() -> tuple["subprocess.Popen[str]", str]:
        mark = uuid4().hex
        process = client(mark, WAITS)
        clients.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        assert len(marked(mark)) == 1
        return process, mark

    yield begin
    for process in clients:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_a_container_is_gone_after_success_and_after_failure(bench: Bench) -> None:
    bench.run("print('done')")
    assert bench.containers() == []
    bench.fail("raise SystemExit(1)")
    assert bench.containers() == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_client_that_is_asked_to_end_removes_its_container(start: Start, name: str) -> None:
    process, mark = start()
    process.send_signal(getattr(signal, name))
    said, _ = process.communicate(timeout=30)
    assert (said, process.returncode) == ("interrupted\n", 7)
    assert marked(mark) == []


def test_impatience_leaves_no_container_behind(start: Start) -> None:
    process, mark = start()
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 30
    while process.poll() is None:
        assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        time.sleep(0.005)
    assert marked(mark) == []


@pytest.mark.parametrize("delay_s", [0.3, 0.4, 0.5, 0.6])
def test_ctrl_c_while_a_container_is_being_made_leaves_none(delay_s: float) -> None:
    mark = uuid4().hex
    process = client(mark, WAITS)
    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert marked(mark) == []


def test_the_next_run_removes_what_a_killed_client_left_and_nothing_of_a_living_one(
    start: Start, bench: Bench
) -> None:
    killed, left = start()
    _, kept = start()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    bench.run("print('next')")
    assert marked(left) == []
    assert len(marked(kept)) == 1


@pytest.mark.parametrize("timeout_s", [0, 30])
def test_an_engine_that_goes_away_in_the_middle_ends_the_run_and_is_no_timeout(
    proxy: EngineProxy, bench: Bench, timeout_s: float
) -> None:
    mark = uuid4().hex
    process = client(mark, WAITS, timeout_s=timeout_s, host=proxy.address)
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    proxy.cut()
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert "No container engine answers any more: test cube was cut off." in said
    bench.run("print('next')")
    assert marked(mark) == []


def test_a_closed_engine_holds_no_connection() -> None:
    before = len(os.listdir("/proc/self/fd"))
    engine = DockerEngine()
    for code in ("print('done')", "print('done too')"):
        engine.run(python_job(code, "connections"), lambda _line: None)
    engine.close()
    assert len(os.listdir("/proc/self/fd")) == before
