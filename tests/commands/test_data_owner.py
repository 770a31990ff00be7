"""What a data owner's commands send, print and end with; the work itself has tests of its own."""

import hashlib
import json
from pathlib import Path

import pytest
import respx

from medperf_api.contract.benchmarks import BenchmarkModel
from medperf_api.contract.states import Approval, State
from tests.commands.conftest import Medperf
from tests.commands.test_listings import leave_execution
from tests.commands.wire import (
    MOMENT,
    benchmark,
    cube,
    dataset,
    dataset_association,
    page,
    result,
    wire,
)


@pytest.fixture
def raw(tmp_path: Path) -> tuple[Path, Path]:
    """A folder of data and one of labels."""
    data, labels = tmp_path / "images", tmp_path / "labels"
    for folder in (data, labels):
        folder.mkdir()
        (folder / "file").write_text("content")
    return data, labels


def submission(raw: tuple[Path, Path], *more: str) -> tuple[str | Path, ...]:
    data, labels = raw
    return ("dataset", "submit", "--name", "mytestdata", "-d", data, "-l", labels, *more)


def test_a_new_dataset_is_shown_sent_and_its_id_printed(
    medperf: Medperf, server: respx.MockRouter, raw: tuple[Path, Path]
) -> None:
    server.get("/benchmarks/1/").respond(json=wire(benchmark()))
    server.get("/me/datasets/").respond(json=page())
    sent = server.post("/datasets/").respond(201, json=wire(dataset(17)))

    ended = medperf(*submission(raw, "-b", "1", "-y"))

    assert (ended.code, ended.out) == (0, "17\n")
    body = json.loads(sent.calls.last.request.content)
    assert [key for key in body if f"{key}:" not in ended.err] == []
    assert str(raw[0]) not in json.dumps(body)


def test_without_a_yes_nothing_is_sent_and_the_command_does_not_wait(
    medperf: Medperf, server: respx.MockRouter, raw: tuple[Path, Path]
) -> None:
    server.get("/mlcubes/1/").respond(json=wire(cube()))
    server.get("/me/datasets/").respond(json=page())
    sent = server.post("/datasets/")

    ended = medperf(*submission(raw, "-p", "1"))

    assert ended.code == 2
    assert "--yes" in ended.err
    assert "Nothing left this machine." in ended.err
    assert not sent.called


def test_what_was_sent_before_a_failure_is_told_with_it(
    medperf: Medperf, server: respx.MockRouter, raw: tuple[Path, Path], home: Path
) -> None:
    server.get("/mlcubes/1/").respond(json=wire(cube()))
    server.get("/me/datasets/").respond(json=page())
    server.post("/datasets/").respond(201, json={"id": 17})

    ended = medperf(*submission(raw, "-p", "1", "-y"))

    assert ended.code == 4
    assert "Before this, the server took the request to register the dataset." in ended.err
    assert "Nothing left" not in ended.err


def test_a_result_is_sent_under_its_local_name(
    medperf: Medperf, server: respx.MockRouter, home: Path
) -> None:
    leave_execution(home, model=4)
    server.get("/me/results/").respond(json=page())
    server.post("/results/").respond(201, json=wire(result(23)))

    ended = medperf("result", "submit", "--result", "b1m4d1", "-y")

    assert (ended.code, ended.out) == (0, "23\n")


def test_a_result_that_is_not_there_is_a_misuse(medperf: Medperf, server: respx.MockRouter) -> None:
    ended = medperf("result", "submit", "-r", "b9m9d9", "-y")

    assert ended.code == 2
    assert "b9m9d9" in ended.err


def test_5_an_engine_that_is_not_there(
    medperf: Medperf,
    server: respx.MockRouter,
    raw: tuple[Path, Path],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    config = home / "container_config.yaml"
    config.write_text(_CONFIG)
    registered = cube(
        git_mlcube_url=str(config),
        mlcube_hash=hashlib.sha256(config.read_bytes()).hexdigest(),
        image_hash=f"sha256:{'0' * 64}",
    )
    server.get("/mlcubes/1/").respond(json=wire(registered))
    server.get("/me/datasets/").respond(json=page())
    server.post("/datasets/").respond(201, json=wire(dataset(17)))
    medperf(*submission(raw, "-p", "1", "-y"))
    server.get("/me/datasets/").respond(json=page(dataset(17)))

    ended = medperf("--json", "dataset", "prepare", "-d", "17", "-y")

    assert ended.code == 5
    assert ended.json()["error"]["cause"] == "engine_unreachable"


_CONFIG = """
container_type: DockerImage
image: medperf/none:1
tasks:
  prepare:
    input_volumes:
      data_path: {mount_path: /data, type: directory}
      labels_path: {mount_path: /labels, type: directory}
    output_volumes:
      output_path: {mount_path: /out, type: directory}
      output_labels_path: {mount_path: /out_labels, type: directory}
"""


@pytest.mark.parametrize("text", ["two, four", "", "1.5"])
def test_a_file_of_models_that_holds_none_is_a_misuse(
    medperf: Medperf, home: Path, text: str
) -> None:
    models = home / "models"
    models.write_text(text)

    ended = medperf("benchmark", "run", "-b", "1", "-d", "1", "-f", models)

    assert ended.code == 2
    assert "model" in ended.err


def test_a_decision_is_sent_as_it_was_made(medperf: Medperf, server: respx.MockRouter) -> None:
    dataset_route = server.put("/datasets/3/benchmarks/1/").respond(200, json={})
    model_route = server.put("/mlcubes/4/benchmarks/1/").respond(200, json={})

    approved = medperf("association", "approve", "-b", "1", "-d", "3")
    rejected = medperf("--json", "association", "reject", "--benchmark", "1", "--model", "4")

    assert (approved.code, rejected.code) == (0, 0)
    assert json.loads(dataset_route.calls.last.request.content) == {"approval_status": "APPROVED"}
    assert json.loads(model_route.calls.last.request.content) == {"approval_status": "REJECTED"}
    assert rejected.json()["approval_status"] == "REJECTED"


@pytest.mark.parametrize("priority", [5, -3])
def test_a_priority_is_sent_alone(
    medperf: Medperf, server: respx.MockRouter, priority: int
) -> None:
    sent = server.put("/mlcubes/4/benchmarks/1/").respond(200, json={})
    command = ("association", "set_priority", "-b", "1", "-m", "4", "-p", str(priority))

    ended = medperf("--json", *command)

    assert ended.code == 0
    assert json.loads(sent.calls.last.request.content) == {"priority": priority}
    assert ended.json() == {"benchmark": 1, "model": 4, "priority": priority}


def test_a_priority_that_the_server_cannot_hold_is_a_misuse(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    ended = medperf("association", "set_priority", "-b", "1", "-m", "4", "-p", str(2**31))

    assert ended.code == 2
    assert "priority" in ended.err
    assert "Nothing" in ended.err


def test_a_dry_run_shows_the_plan_and_only_reads(
    medperf: Medperf, server: respx.MockRouter, raw: tuple[Path, Path]
) -> None:
    server.get("/benchmarks/1/").respond(json=wire(benchmark()))
    mine = server.get("/me/datasets/").respond(json=page())
    server.post("/datasets/").respond(201, json=wire(dataset(17)))
    assert medperf(*submission(raw, "-b", "1", "-y", "--submit-as-prepared")).code == 0
    mine.respond(json=page(dataset(17, state=State.OPERATION)))
    accepted = dataset_association(dataset=17, approval_status=Approval.APPROVED)
    server.get("/me/datasets/associations/").respond(json=page(accepted))
    model = BenchmarkModel(model_mlcube=4, approval_status=Approval.APPROVED, created_at=MOMENT)
    server.get("/benchmarks/1/models/").respond(json=page(model))
    for uid, name in ((2, "reference"), (3, "metrics"), (4, "cnn")):
        server.get(f"/mlcubes/{uid}/").respond(json=wire(cube(uid, name)))
    server.get("/me/results/").respond(json=page())
    seen = server.calls.call_count
    dry_run = ("benchmark", "run", "-b", "1", "-d", "17", "--dry-run")

    told, document = medperf(*dry_run), medperf("--json", *dry_run)

    assert (told.code, document.code) == (0, 0)
    assert [row.split() for row in told.out.splitlines()[2:]] == [
        ["2", "reference", "b1m2d17", "run", "2,", "3"],
        ["4", "cnn", "b1m4d17", "run", "4,", "3"],
    ]
    assert document.json()[1] == {
        "model": 4, "name": "cnn", "result": "b1m4d17", "action": "run", "fetch": [4, 3],
    }  # fmt: skip
    assert {call.request.method for call in list(server.calls)[seen:]} == {"GET"}
