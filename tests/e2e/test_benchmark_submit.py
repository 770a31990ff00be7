"""A committee registers a benchmark once its containers worked together on the demo dataset."""

from pathlib import Path

import pytest

from tests.e2e.bad_cubes import OWNER, register_cube
from tests.e2e.running import Ended, Site, require
from tests.e2e.starters import packed

pytestmark = pytest.mark.engine

USAGE, CONTAINER, BAD_DATA = 2, 5, 6


def seeded_demo(site: Site) -> str:
    """Where the demo dataset of benchmark 1 is."""
    with site.as_user(OWNER) as owner:
        return str(owner.get("/benchmarks/1/").json()["demo_dataset_tarball_url"])


def submit(site: Site, demo: str | Path, *more: str, evaluator: int = 3) -> Ended:
    """Submit a benchmark of the tutorial's containers, as their owner."""
    require(site.medperf("auth", "login", "-e", OWNER))
    return site.medperf(
        "benchmark", "submit", "-n", "lungs", "-d", "Lungs", "-u", "https://example.com/lungs",
        "--demo-url", demo, "-p", "1", "-m", "2", "-e", str(evaluator), *more,
    )  # fmt: skip


def registered(site: Site) -> int:
    with site.as_user(OWNER) as owner:
        return int(owner.get("/benchmarks/").json()["count"])


def test_a_benchmark_is_registered_with_what_its_test_found(site: Site) -> None:
    made = require(submit(site, seeded_demo(site), "--operational", "-y"))

    with site.as_user(OWNER) as owner:
        first = owner.get("/benchmarks/1/").json()
        benchmark = owner.get(f"/benchmarks/{int(made.out)}/").json()
    for field in (
        "demo_dataset_tarball_url", "demo_dataset_tarball_hash", "demo_dataset_generated_uid",
        "data_preparation_mlcube", "reference_model_mlcube", "data_evaluator_mlcube", "state",
    ):  # fmt: skip
        assert benchmark[field] == first[field], field
    assert (benchmark["name"], benchmark["description"]) == ("lungs", "Lungs")
    assert benchmark["docs_url"] == "https://example.com/lungs"
    assert benchmark["approval_status"] == "PENDING"
    assert list(benchmark["metadata"]) == ["results"]
    auc = benchmark["metadata"]["results"]["metrics"]["auc"]["estimate"]
    assert 0 < auc <= 1
    assert f"{auc}" in made.err


def test_later_tests_know_that_a_demo_dataset_was_prepared_before(submitted: Site) -> None:
    require(submitted.medperf("dataset", "prepare", "-d", "1", "-y"))
    prepared = submitted.storage("data", "1", "prepared")
    (prepared / "paths.yaml").write_text("data_path: data\nlabels_path: labels\n")
    demo = packed(prepared, submitted.home / "prepared.tar.gz")

    made = require(submit(submitted, demo, "--skip-demo-data-preparation", "--operational", "-y"))

    assert "Prepare the data" not in made.err
    assert "on this machine alone" in made.said
    again = submitted.medperf("test", "run", "-b", made.out.strip(), "-m", "4")
    assert "Prepare the data" not in require(again).err


def test_containers_that_do_not_work_together_are_not_registered(site: Site) -> None:
    broken = register_cube(site, "broken", "evaluate", "raise SystemExit('no metrics today')")
    before = registered(site)

    ended = require(submit(site, seeded_demo(site), "-y", evaluator=broken), CONTAINER)

    assert "no metrics today" in ended.said
    assert registered(site) == before


def test_a_demo_dataset_of_another_hash_is_not_registered(site: Site) -> None:
    before = registered(site)

    require(submit(site, seeded_demo(site), "--demo-hash", "0" * 64, "-y"), BAD_DATA)

    assert registered(site) == before


def test_a_benchmark_is_not_sent_without_a_yes(site: Site) -> None:
    before = registered(site)

    ended = require(submit(site, seeded_demo(site)), USAGE)

    assert "demo_dataset_generated_uid" in ended.said
    assert registered(site) == before
