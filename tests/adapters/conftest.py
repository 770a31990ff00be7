"""A real engine with an image that has Python inside, for the tests that ask for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from medperf_client.adapters.docker_engine import DockerEngine
from tests.adapters.container_bench import Bench, EngineProxy, engine_socket


@pytest.fixture
def engine() -> Iterator[DockerEngine]:
    """The machine's engine, its connection closed afterwards."""
    engine = DockerEngine()
    yield engine
    engine.close()


@pytest.fixture
def bench(engine: DockerEngine, tmp_path: Path) -> Iterator[Bench]:
    """Runs Python in containers; those that the engine did not remove fail the test."""
    bench = Bench(engine, tmp_path)
    yield bench
    assert bench.containers() == []


@pytest.fixture
def proxy() -> Iterator[EngineProxy]:
    """A way to the engine that can be cut."""
    proxy = EngineProxy(engine_socket())
    yield proxy
    proxy.close()
