"""`ls` and `view`: tables that scripts can cut, one JSON document, whole records."""

import json
from pathlib import Path

import pytest
import respx
import yaml

from medperf_api.contract.base import utc_text
from medperf_api.contract.states import Approval, State
from tests.commands.conftest import Medperf
from tests.commands.wire import (
    MOMENT,
    benchmark,
    cube,
    dataset,
    dataset_association,
    model_association,
    page,
    result,
    wire,
)


def test_benchmarks_are_a_plain_table_where_nobody_watches(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.get("/benchmarks/").respond(
        json=page(benchmark(12, "tumours", description=""), benchmark(3))
    )

    ended = medperf("benchmark", "ls")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "  UID  Name       Description                State      Approval Status    Registered\n"
        "-----  ---------  -------------------------  ---------  -----------------  ------------\n"
        "    3  chestxray  Pneumonia on chest X-rays  OPERATION  APPROVED           True\n"
        "   12  tumours                               OPERATION  APPROVED           True\n"
    )


def test_every_row_of_an_id_below_1000_begins_with_a_space(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.get("/mlcubes/").respond(json=page(*(cube(uid) for uid in (1, 99, 999))))

    rows = medperf("container", "ls").out.splitlines()[2:]

    assert [row[0] for row in rows] == [" ", " ", " "]
    assert [row.split()[0] for row in rows] == ["1", "99", "999"]


def test_a_table_holds_what_others_wrote_whole_on_one_line_and_harmless(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    hostile = "[red]no[/red] \x1b[2Jmarkup\nor \u202eorder " + "x" * 300
    server.get("/mlcubes/").respond(json=page(cube(name=hostile)))

    out = medperf("container", "ls").out

    assert len(out.splitlines()) == 3
    assert "[red]no[/red] \\x1b[2Jmarkup or \\u202eorder " + "x" * 300 in out


def test_datasets_name_their_preparation_and_their_owner_where_it_is_told(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.get("/me/datasets/").respond(json=page(dataset()))

    heading, _, row = medperf("dataset", "ls", "--mine").out.splitlines()

    assert row.split() == ["1", "mytestdata", "1", "DEVELOPMENT", "submitted", "4"]
    assert "Data Preparation Container UID" in heading


def test_datasets_are_kept_to_one_preparation(medperf: Medperf, server: respx.MockRouter) -> None:
    other = dataset(2, data_preparation_mlcube=9)
    server.get("/datasets/").respond(json=page(dataset(1), other))

    ended = medperf("--json", "dataset", "ls", "-m", "9")

    assert [row["id"] for row in ended.json()] == [2]


def test_json_is_one_document_of_whole_records(medperf: Medperf, server: respx.MockRouter) -> None:
    server.get("/benchmarks/").respond(json=page(benchmark()))

    assert medperf("--json", "benchmark", "ls").json() == [wire(benchmark())]


def test_json_holds_hostile_text_escaped_and_unchanged(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    hostile = "\x1b[2J \x9b \u202e ü"
    server.get("/mlcubes/").respond(json=page(cube(name=hostile)))

    ended = medperf("--json", "container", "ls")

    assert ended.json()[0]["name"] == hostile
    assert not set("\x1b\x9b\u202e") & set(ended.out)


def test_what_is_not_registered_is_not_asked_of_the_server(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    ended = medperf("--json", "benchmark", "ls", "--unregistered")

    assert (ended.code, ended.json()) == (0, [])
    assert not server.calls


@pytest.mark.parametrize("group", ["benchmark", "container", "dataset"])
def test_view_without_an_id_shows_every_record(
    medperf: Medperf, server: respx.MockRouter, group: str
) -> None:
    path = {"container": "mlcubes"}.get(group, f"{group}s")
    records = {"benchmark": benchmark, "container": cube, "dataset": dataset}[group]
    server.get(f"/me/{path}/").respond(json=page(records(1), records(2)))

    shown = yaml.safe_load(medperf(group, "view", "--mine").out)

    assert [record["id"] for record in shown] == [1, 2]


def test_view_prints_one_record_in_full(medperf: Medperf, server: respx.MockRouter) -> None:
    server.get("/benchmarks/1/").respond(json=wire(benchmark(name="ü: [x]")))

    assert yaml.safe_load(medperf("benchmark", "view", "1").out) == wire(benchmark(name="ü: [x]"))
    assert json.loads(medperf("benchmark", "view", "1", "-f", "json").out)["id"] == 1


def test_view_and_ls_write_to_a_file_instead(
    medperf: Medperf, server: respx.MockRouter, tmp_path: Path
) -> None:
    server.get("/benchmarks/1/").respond(json=wire(benchmark()))
    server.get("/benchmarks/").respond(json=page(benchmark()))

    viewed = medperf("benchmark", "view", "1", "-f", "json", "-o", tmp_path / "one.json")
    listed = medperf("benchmark", "ls", "--output", tmp_path / "all.txt")

    assert (viewed.out, listed.out) == ("", "")
    assert json.loads((tmp_path / "one.json").read_text()) == wire(benchmark())
    assert (tmp_path / "all.txt").read_text().splitlines()[0].split()[0] == "UID"


def test_a_file_that_cannot_be_written_is_bad_data(
    medperf: Medperf, server: respx.MockRouter, tmp_path: Path
) -> None:
    server.get("/benchmarks/").respond(json=page(benchmark()))

    ended = medperf("benchmark", "ls", "-o", tmp_path / "nowhere" / "all.txt")

    assert ended.code == 6
    assert "cannot be written" in ended.err


def test_associations_of_both_kinds_are_listed_with_the_newest_of_each_pair(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    rejected = dataset_association(1, approval_status=Approval.REJECTED)
    server.get("/me/datasets/associations/").respond(json=page(rejected, dataset_association(2)))
    server.get("/me/mlcubes/associations/").respond(json=page(model_association()))

    ended = medperf("association", "ls")

    assert ended.out == (
        "  Dataset    Benchmark    Initiated by  Status    Requested (UTC)    Decided (UTC)\n"
        "---------  -----------  --------------  --------  -----------------  ---------------\n"
        "        1            1               4  PENDING   2026-05-04 03:02\n"
        "\n"
        "  Model    Benchmark    Initiated by  Status      Priority  Requested (UTC)    "
        "Decided (UTC)\n"
        "-------  -----------  --------------  --------  ----------  -----------------  "
        "----------------\n"
        "      4            1               3  APPROVED           0  2026-05-04 03:02   "
        "2026-05-04 03:02\n"
    )


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (("-d", "1"), ["dataset"]),
        (("-m", "4"), ["model_mlcube"]),
        (("--approval-status", "pending"), ["dataset"]),
        (("-b", "7"), []),
    ],
)
def test_associations_can_be_picked(
    medperf: Medperf, server: respx.MockRouter, options: tuple[str, ...], kept: list[str]
) -> None:
    server.get("/me/datasets/associations/").respond(json=page(dataset_association()))
    server.get("/me/mlcubes/associations/").respond(json=page(model_association()))

    rows = medperf("--json", "association", "ls", *options).json()

    assert [kind for row in rows for kind in ("dataset", "model_mlcube") if kind in row] == kept


def test_results_of_this_machine_follow_the_registered_ones(
    medperf: Medperf, server: respx.MockRouter, home: Path
) -> None:
    server.get("/me/results/").respond(json=page(result(7, metadata={"partial": True})))
    leave_execution(home, model=2)

    rows = [line.split() for line in medperf("result", "ls").out.splitlines()[2:]]

    assert rows == [
        ["7", "1", "4", "1", "True", "PENDING", "True"],
        ["b1m2d1", "1", "2", "1", "False", "done", "False"],
    ]


def test_a_result_is_viewed_by_its_local_name_or_its_number(
    medperf: Medperf, server: respx.MockRouter, home: Path
) -> None:
    server.get("/results/7/").respond(json=wire(result(7)))
    leave_execution(home, model=2)

    assert yaml.safe_load(medperf("result", "view", "7").out)["id"] == 7
    assert medperf("--json", "result", "view", "b1m2d1").json()["results"] == {"auc": 0.75}


def test_results_of_a_benchmark_are_the_callers_own_where_its_list_is_not_theirs(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.get("/benchmarks/1/results/").respond(403, json={"detail": "not yours"})
    server.get("/me/results/").respond(json=page(result(7), result(8, benchmark=2)))

    assert [row["uid"] for row in medperf("--json", "result", "ls", "-b", "1").json()] == [7]


def leave_execution(home: Path, model: int) -> None:
    """What a finished run leaves on this machine."""
    folder = home / "storage" / "127.0.0.1_8000" / "results" / f"b1m{model}d1"
    folder.mkdir(parents=True)
    record = {
        "benchmark": 1, "model": model, "dataset": 1, "state": "done",
        "updated_at": utc_text(MOMENT), "results": {"auc": 0.75},
    }  # fmt: skip
    (folder / "execution.json").write_text(json.dumps(record))


def test_a_dataset_says_how_far_the_server_knows_it_is(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.get("/datasets/").respond(
        json=page(
            dataset(1),
            dataset(2, state=State.OPERATION),
            dataset(3, submitted_as_prepared=True),
            dataset(4, is_valid=False),
        )
    )

    rows = medperf("dataset", "ls").out.splitlines()[2:]

    assert [row.split()[4] for row in rows] == ["submitted", "prepared", "prepared", "invalid"]
