"""The data owner's tutorial as it is written, on a real server and real containers."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import approve
from tests.e2e.running import BIN, PROJECT, Ended, Site, containers, require

pytestmark = pytest.mark.engine

SUBMIT = (
    "dataset", "submit", "--name", "mytestdata", "--description", "A tutorial dataset",
    "--location", "My machine", "--data_path", "medperf_tutorial/sample_raw_data/images",
    "--labels_path", "medperf_tutorial/sample_raw_data/labels", "--benchmark", "1",
)  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, Ended]]]:
    """A site on which every step of the tutorial was taken, and what each of them said."""
    site = Site(tmp_path_factory.mktemp("tutorial"))
    site.start_server()
    try:
        _script(site, BIN / "python", PROJECT / "scripts" / "seed.py", "--demo", "data",
                "--server", site.url)  # fmt: skip
        _script(site, "sh", PROJECT / "scripts" / "setup_data_tutorial.sh")
        yield site, dict(_steps(site))
    finally:
        site.stop_server()


def _script(site: Site, *command: str | Path) -> None:
    ended = site.run(*command)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def _steps(site: Site) -> Iterator[tuple[str, Ended]]:
    def step(name: str, *words: str) -> tuple[str, Ended]:
        return name, require(site.medperf(*words))

    yield step("benchmarks", "benchmark", "ls")
    yield step("submit", *SUBMIT, "-y")
    yield step("datasets", "dataset", "ls", "--mine")
    yield step("prepare", "dataset", "prepare", "--data_uid", "1", "-y")
    yield step("operational", "dataset", "set_operational", "--data_uid", "1", "-y")
    yield step("associate", "dataset", "associate", "--benchmark_uid", "1", "--data_uid", "1", "-y")
    yield step("associations", "association", "ls")
    approve(site)
    yield step("run", "benchmark", "run", "--benchmark", "1", "--data_uid", "1")
    yield step("view", "result", "view", "b1m4d1")
    yield step("result", "result", "submit", "--result", "b1m4d1", "-y")


def test_the_run_ends_with_the_summary_of_the_tutorial(
    finished: tuple[Site, dict[str, Ended]],
) -> None:
    _, said = finished

    assert "\n".join(line.rstrip() for line in said["run"].out.strip("\n").splitlines()) == (
        "  model  local result UID    partial result    from cache    error\n"
        "      2  b1m2d1              False             True\n"
        "      4  b1m4d1              False             False\n"
        "Total number of models: 2\n"
        "        1 were skipped (already executed), of which 0 have partial results\n"
        "        0 failed\n"
        "        1 ran successfully, of which 0 have partial results"
    )


def test_the_server_holds_the_result_that_was_shown(
    finished: tuple[Site, dict[str, Ended]],
) -> None:
    site, _ = finished
    local = require(site.medperf("--json", "result", "view", "b1m4d1")).json()

    with site.as_user("testbo@example.com") as owner:
        (result,) = owner.get("/benchmarks/1/results/").json()["results"]

    assert (result["benchmark"], result["model"], result["dataset"]) == (1, 4, 1)
    assert result["results"] == local["results"]
    assert 0.5 < result["results"]["metrics"]["auc"]["estimate"] <= 1


def test_no_image_id_path_or_file_name_reached_the_server(
    finished: tuple[Site, dict[str, Ended]],
) -> None:
    site, _ = finished
    labels = site.home / "medperf_tutorial" / "sample_raw_data" / "labels" / "labels.csv"
    with labels.open() as rows:
        ids = [row["Image ID"] for row in csv.DictReader(rows)]

    with site.as_user("testdo@example.com") as owner:
        held = owner.get("/me/datasets/").text + owner.get("/me/results/").text
        held += owner.get("/me/datasets/associations/").text

    assert len(ids) == 200
    assert not [name for name in (*ids, str(site.home), "labels.csv", ".png") if name in held]


def test_the_dataset_is_operational_and_accepted(
    finished: tuple[Site, dict[str, Ended]],
) -> None:
    site, said = finished

    (dataset,) = require(site.medperf("--json", "dataset", "ls", "--mine")).json()
    associations = require(site.medperf("--json", "association", "ls")).json()

    assert dataset["state"] == "OPERATION"
    assert [row["approval_status"] for row in associations if row.get("dataset")] == ["APPROVED"]
    assert "PENDING" in said["associations"].out


def test_new_ids_are_printed_on_stdout(finished: tuple[Site, dict[str, Ended]]) -> None:
    _, said = finished

    assert re.search(r"\b1\b", said["submit"].out)
    assert re.search(r"\b1\b", said["result"].out)


def test_a_second_run_takes_every_model_from_the_cache(
    finished: tuple[Site, dict[str, Ended]],
) -> None:
    site, _ = finished

    again = require(site.medperf("--json", "benchmark", "run", "-b", "1", "-d", "1")).json()

    assert [row["from_cache"] for row in again["executions"]] == [True, True]


def test_prepared_data_is_for_its_owner_alone(finished: tuple[Site, dict[str, Ended]]) -> None:
    site, _ = finished

    open_to_others = [
        path for path in (site.home / "storage").rglob("*") if path.stat().st_mode & 0o077
    ]

    assert not open_to_others


def test_no_container_is_left(finished: tuple[Site, dict[str, Ended]]) -> None:
    assert not containers({"org.medperf.run": "b1m4d1"})
