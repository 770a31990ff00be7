"""A cube's configuration: what is taken, and the line of what is not."""

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from medperf_api.contract.container_config import TASK_SHAPES, TaskName
from medperf_client.adapters.files import LocalFiles
from medperf_client.errors import BadData

GOOD = """\
container_type: DockerImage
image: someone/model:1.0
tasks:
  infer:
    run_args:
      command: [run, --fast]
      environment: {THREADS: 2}
    input_volumes:
      data_path: {mount_path: /in, type: directory}
    output_volumes:
      output_path: {mount_path: /out, type: directory}
"""

OLDER = """\
name: a model
docker:
  image: someone/model:0.9
tasks:
  infer:
    parameters:
      inputs: {data_path: data/, parameters_file: parameters.yaml}
      outputs: {output_path: predictions/}
"""


def read(folder: Path, text: str) -> object:
    path = folder / "container_config.yaml"
    path.write_text(text)
    return LocalFiles().read_config(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(BadData) as caught:
        read(folder, text)
    assert "owner" in caught.value.hint or "author" in caught.value.hint
    return caught.value.message


def test_a_configuration_is_read(tmp_path: Path) -> None:
    path = tmp_path / "container_config.yaml"
    path.write_text(GOOD)

    config = LocalFiles().read_config(path)

    task = config.tasks[TaskName.INFER]
    assert (config.image, task.run_args.command) == ("someone/model:1.0", ("run", "--fast"))
    assert task.run_args.environment == {"THREADS": "2"}
    assert task.output_volumes["output_path"].mount_path == "/out"


def test_the_older_form_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mlcube.yaml"
    path.write_text(OLDER)

    config = LocalFiles().read_config(path)

    assert config.image == "someone/model:0.9"
    assert set(config.tasks[TaskName.INFER].input_volumes) == {"data_path", "parameters_file"}


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            changed("command: [run, --fast]", "privileged: true"),
            "line 6: tasks.infer.run_args.privileged: nothing of this name can be set here.",
        ),
        (
            changed("command: [run, --fast]", "command: {a: 1}"),
            "line 6: tasks.infer.run_args.command: ",
        ),
        (
            changed("mount_path: /in", "mount_path: in"),
            "line 9: tasks.infer.input_volumes.data_path.mount_path: a mount path is absolute",
        ),
        (
            changed("mount_path: /out", "mount_path: /proc/self"),
            "line 11: tasks.infer.output_volumes.output_path.mount_path: nothing can be mounted",
        ),
        (
            changed("mount_path: /out", "mount_path: /in"),
            "line 4: tasks.infer: two volumes are mounted at /in.",
        ),
        (
            changed("data_path: {mount_path: /in, type: directory}", "labels: {mount_path: /in, "
                    "type: directory}"),
            "line 9: tasks.infer.input_volumes.labels: infer has no such volume.",
        ),
        (
            changed("data_path: {mount_path: /in, type: directory}", "labels: {mount_path: /in, "
                    "type: directory}"),
            "line 8: tasks.infer.input_volumes.data_path: missing.",
        ),
        (
            changed("{mount_path: /out, type: directory}", "{mount_path: /out, type: file}"),
            "line 11: tasks.infer.output_volumes.output_path: must be a directory.",
        ),
        (changed("  infer:", "  guess:"), "line 4: tasks.guess: Input should be 'prepare'"),
        (changed("DockerImage", "SingularityFile"), "line 1: container_type: Input should be "),
        (changed("image: someone/model:1.0\n", ""), "line 1: image: is missing."),
        (changed("image: someone/model:1.0", "image:"), "line 2: image: Input should be a valid"),
        (GOOD[: GOOD.index("tasks")] + "tasks: [infer]", "line 3: tasks: must be a mapping."),
        (GOOD[: GOOD.index("tasks")] + "tasks: {}", "line 3: tasks: "),
        ("- 1", "line 1: must be a mapping."),
        (GOOD + "network: host\n", "line 12: network: nothing of this name"),
        (GOOD + "image: other\n", "line 12: the key 'image' is given twice"),
        (OLDER.replace("data_path", "data"), "line 7: tasks.infer.parameters.inputs.data: infer"),
        (OLDER.replace("  image: someone/model:0.9", "  picture: x"), "line 2: docker.image: "),
        (OLDER.replace("predictions/}", "predictions/, logs: x}"),
         "line 8: tasks.infer.parameters.outputs.logs: infer has no such volume."),
        ("a: [1", "line 2 is no YAML"),
        ("", "is empty"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    said = refusal(tmp_path, text)

    assert said.startswith("container_config.yaml")
    assert told in said


def test_only_the_first_faults_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    extra = "".join(f"extra{number}: 1\n" for number in range(9))

    said = refusal(tmp_path, GOOD + extra)

    assert said.count("nothing of this name") == 5
    assert said.endswith("… and 4 more.")


def test_every_task_is_told_what_it_lacks(tmp_path: Path) -> None:
    for name, shape in TASK_SHAPES.items():
        text = f"container_type: DockerImage\nimage: x\ntasks:\n  {name}: {{}}\n"
        needed = [label for label in (*shape.inputs, *shape.outputs) if label not in shape.optional]

        said = refusal(tmp_path, text)

        assert all(f"{label}: missing" in said for label in needed[:5]), said
        assert "line 4: " in said


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["docker", "image", "tasks", "infer", "parameters", "inputs", "outputs",
                         "container_type", "run_args", "input_volumes", "data_path", "x"]),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(inner=JSON, older=st.booleans())
def test_no_document_breaks_the_reading(
    tmp_path_factory: pytest.TempPathFactory, inner: object, older: bool
) -> None:
    head = {"docker": {"image": "x"}} if older else {"container_type": "DockerImage", "image": "x"}
    text = yaml.safe_dump({**head, "tasks": {"infer": inner}})

    with suppress(BadData):
        read(tmp_path_factory.getbasetemp(), text)
