"""Trying one task: what is given, what is refused, and that no network meets registered data."""

from collections.abc import Callable
from pathlib import Path

import pytest

from medperf_client.errors import BadData, UsageFault
from medperf_client.workflows.try_task import Trial, try_task
from tests.workflows.stand_ins import Bench

CONFIG = """container_type: DockerImage
image: '4'
tasks:
  infer:
    input_volumes:
      data_path: {mount_path: /data_path, type: directory}
      parameters_file: {mount_path: /parameters_file, type: file}
    output_volumes:
      output_path: {mount_path: /output_path, type: directory}
"""


@pytest.fixture
def container(tmp_path: Path) -> Path:
    """A model's folder."""
    folder = tmp_path / "container"
    folder.mkdir()
    (folder / "container_config.yaml").write_text(CONFIG)
    (folder / "parameters.yaml").write_text("{}")
    return folder


@pytest.fixture
def trial(container: Path, tmp_path: Path) -> Trial:
    """A trial on data that nobody registered."""
    (tmp_path / "made_up").mkdir()
    mounts = {"data_path": tmp_path / "made_up", "output_path": tmp_path / "out"}
    return Trial(container, "infer", mounts)


def with_data(trial: Trial, data: Path) -> Trial:
    return Trial(trial.container, "infer", {**trial.mounts, "data_path": data})


def test_a_task_is_run_with_what_was_given_and_what_lies_beside_it(
    bench: Bench, trial: Trial, tmp_path: Path
) -> None:
    try_task(bench, trial)

    assert bench.engine.ran == ["infer 4"]
    assert (tmp_path / "out" / "predictions.csv").is_file()


def test_the_older_layout_keeps_its_files_in_a_workspace(
    bench: Bench, trial: Trial, container: Path
) -> None:
    (container / "workspace").mkdir()
    (container / "parameters.yaml").rename(container / "workspace" / "parameters.yaml")

    try_task(bench, trial)

    assert bench.engine.ran == ["infer 4"]


@pytest.mark.parametrize("open_network", [False, True])
def test_the_warning_is_given_when_the_network_is_open_and_only_then(
    bench: Bench, trial: Trial, open_network: bool
) -> None:
    try_task(bench, trial, networked_beside=[bench.workspace.root] if open_network else None)

    assert any("NETWORK" in said for said in bench.reporter.said) == open_network


def test_without_a_network_registered_data_may_be_tried_on(submitted: Bench, trial: Trial) -> None:
    try_task(submitted, with_data(trial, submitted.folder / "raw" / "images"))

    assert submitted.engine.ran == ["infer 4"]


Place = Callable[[Path], Path]

REGISTERED: dict[str, Place] = {
    "the data itself": lambda folder: folder / "raw" / "images",
    "its labels": lambda folder: folder / "raw" / "labels",
    "what holds it": lambda folder: folder / "raw",
    "what is in it": lambda folder: folder / "raw" / "images" / "inner",
    "a link to it": lambda folder: folder / "link",
    "the storage": lambda folder: folder / "storage",
    "what the storage holds": lambda folder: folder / "storage" / "server" / "data" / "1",
}


@pytest.mark.parametrize("place", REGISTERED.values(), ids=list(REGISTERED))
def test_a_network_is_refused_where_registered_data_is(
    submitted: Bench, trial: Trial, place: Place
) -> None:
    folder = submitted.folder
    (folder / "raw" / "images" / "inner").mkdir()
    (folder / "link").symlink_to(folder / "raw" / "images")
    # A storage holds one folder a server.
    root = folder / "storage"
    root.rename(folder / "server")
    root.mkdir()
    (folder / "server").rename(root / "server")

    with pytest.raises(UsageFault, match="registered data"):
        try_task(submitted, with_data(trial, place(folder)), networked_beside=[root])

    assert not submitted.engine.ran


def test_a_network_is_refused_to_outputs_over_registered_data(
    submitted: Bench, trial: Trial
) -> None:
    mounts = {**trial.mounts, "output_path": submitted.folder / "raw" / "images"}
    (submitted.folder / "above").mkdir()
    submitted.workspace.root.rename(submitted.folder / "above" / "server")

    with pytest.raises(UsageFault, match="registered data"):
        try_task(
            submitted,
            Trial(trial.container, "infer", mounts),
            networked_beside=[submitted.folder / "above"],
        )


def test_a_record_that_cannot_be_read_closes_the_network(bench: Bench, trial: Trial) -> None:
    record = bench.folder / "storage" / "server" / "data" / "1" / "dataset.json"
    record.parent.mkdir(parents=True)
    record.write_text("{")

    with pytest.raises(BadData, match=r"dataset\.json"):
        try_task(bench, trial, networked_beside=[bench.folder / "storage"])


def test_labels_that_the_task_does_not_declare_are_refused(bench: Bench, trial: Trial) -> None:
    mounts = {**trial.mounts, "labels": bench.folder}

    with pytest.raises(UsageFault, match="declares no labels") as caught:
        try_task(bench, Trial(trial.container, "infer", mounts))

    assert "data_path" in caught.value.hint


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"task": "train"}, "no task 'train'"),
        ({"task": "evaluate"}, "no task 'evaluate'"),
        ({"container": Path("/nowhere")}, "no container at"),
        ({"mounts": {}}, "data_path"),
        ({"mounts": {"data_path": Path("/nowhere"), "output_path": Path("/x")}}, "/nowhere"),
        ({"mounts": {"data_path": Path("/"), "output_path": Path("/nowhere/x")}}, "cannot be made"),
        ({"parameters": Path("/nowhere/p.yaml")}, "p.yaml"),
    ],
)
def test_what_cannot_be_run_is_told(
    bench: Bench, trial: Trial, changes: dict[str, object], told: str
) -> None:
    fields = {"container": trial.container, "task": "infer", "mounts": trial.mounts, **changes}

    with pytest.raises((UsageFault, BadData), match=told):
        try_task(bench, Trial(**fields))  # type: ignore[arg-type]

    assert not bench.engine.ran
