"""A committee asks for a model, with the metrics of a test, or invites a dataset, untested."""

from typing import Any

import pytest

from tests.e2e.bad_cubes import MODELER, OWNER, register_benchmark
from tests.e2e.running import Site, require

pytestmark = pytest.mark.engine

DATA_OWNER = "testdo@example.com"
USAGE, REFUSED = 2, 3


def statuses(site: Site, kind: str, record: int, benchmark: int) -> list[Any]:
    """Where the associations of a pair stand."""
    with site.as_user(OWNER) as owner:
        history = owner.get(f"/{kind}/{record}/benchmarks/{benchmark}/").json()
    return [association["approval_status"] for association in history]


def test_a_model_is_tested_and_its_owner_decides(site: Site) -> None:
    benchmark = register_benchmark(site, 3)
    pair = ("-b", str(benchmark), "-m", "4")
    require(site.medperf("auth", "login", "-e", OWNER))

    made = require(site.medperf("--json", "benchmark", "associate", *pair, "-y")).json()

    assert 0 < made["metadata"]["test_result"]["metrics"]["auc"]["estimate"] <= 1
    assert (made["model_mlcube"], made["benchmark"]) == (4, benchmark)
    assert made["approval_status"] == "PENDING"
    require(site.medperf("association", "approve", *pair), REFUSED)
    require(site.medperf("auth", "login", "-e", MODELER))
    require(site.medperf("association", "approve", *pair))
    assert statuses(site, "mlcubes", 4, benchmark) == ["APPROVED"]


def test_a_dataset_is_invited_and_its_owner_decides(operational: Site) -> None:
    require(operational.medperf("auth", "login", "-e", OWNER))
    words = ("--json", "benchmark", "associate", "-b", "1", "-d", "1")
    require(operational.medperf(*words), USAGE)

    made = require(operational.medperf(*words, "-y"))

    assert made.json()["metadata"] == {}
    assert made.json()["approval_status"] == "PENDING"
    assert "Infer" not in made.err
    require(operational.medperf("auth", "login", "-e", DATA_OWNER))
    require(operational.medperf("association", "approve", "-b", "1", "-d", "1"))
    assert statuses(operational, "datasets", 1, 1) == ["APPROVED"]


@pytest.mark.parametrize("which", [(), ("-m", "4", "-d", "1")])
def test_one_of_a_model_and_a_dataset_is_asked_for(shared: Site, which: tuple[str, ...]) -> None:
    ended = require(shared.medperf("benchmark", "associate", "-b", "1", *which, "-y"), USAGE)

    assert "Exactly one" in ended.said
