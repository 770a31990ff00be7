"""A bench with a registered, prepared and accepted dataset, in as many steps as a test wants."""

from pathlib import Path

import pytest

from medperf_api.contract.states import Approval
from medperf_client.workflows.prepare_dataset import prepare_dataset
from medperf_client.workflows.set_operational import set_operational
from medperf_client.workflows.submit_dataset import DatasetSubmission, submit_dataset
from tests.workflows.stand_ins import BENCHMARK, Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Ports, and raw data in ``raw``; nothing registered yet."""
    for folder in ("images", "labels"):
        (tmp_path / "raw" / folder).mkdir(parents=True)
        (tmp_path / "raw" / folder / "a.txt").write_text(folder)
    return Bench(tmp_path)


@pytest.fixture
def request_(bench: Bench) -> DatasetSubmission:
    """The submission of the raw data to benchmark 1."""
    raw = bench.folder / "raw"
    return DatasetSubmission("data", raw / "images", raw / "labels", benchmark_id=BENCHMARK)


@pytest.fixture
def submitted(bench: Bench, request_: DatasetSubmission) -> Bench:
    """Dataset 1 is registered."""
    submit_dataset(bench, request_)
    return bench


@pytest.fixture
def operational(submitted: Bench) -> Bench:
    """Dataset 1 is prepared and operational."""
    prepare_dataset(submitted, 1)
    set_operational(submitted, 1)
    return submitted


@pytest.fixture
def accepted(operational: Bench) -> Bench:
    """Benchmark 1 accepted dataset 1."""
    operational.registry.add_association(Approval.APPROVED)
    return operational
