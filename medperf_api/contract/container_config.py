"""A cube's configuration: what each task mounts, and the few things its author may set.

Reads a parsed document, never a file. The older form (``mlcube.yaml``) becomes the newer one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class TaskName(StrEnum):
    """What a cube can be asked to do."""

    PREPARE = "prepare"
    SANITY_CHECK = "sanity_check"
    STATISTICS = "statistics"
    INFER = "infer"
    EVALUATE = "evaluate"


class MountType(StrEnum):
    """Whether a mount is one file or a folder."""

    FILE = "file"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class TaskShape:
    """The mounts a task has by label; the optional ones may be left out of a configuration."""

    inputs: Mapping[str, MountType]
    outputs: Mapping[str, MountType]
    optional: frozenset[str] = frozenset()


_FILE, _FOLDER = MountType.FILE, MountType.DIRECTORY
# A cube without settings or weights need not say so.
_PARAMETERS = frozenset({"parameters_file"})

TASK_SHAPES: Mapping[TaskName, TaskShape] = {
    TaskName.PREPARE: TaskShape(
        inputs={
            "data_path": _FOLDER,
            "labels_path": _FOLDER,
            "parameters_file": _FILE,
            "additional_files": _FOLDER,
        },
        outputs={
            "output_path": _FOLDER,
            "output_labels_path": _FOLDER,
            "report_file": _FILE,
            "metadata_path": _FOLDER,
        },
        optional=_PARAMETERS | {"additional_files", "report_file", "metadata_path"},
    ),
    TaskName.SANITY_CHECK: TaskShape(
        inputs={"data_path": _FOLDER, "labels_path": _FOLDER, "parameters_file": _FILE},
        outputs={},
        optional=_PARAMETERS,
    ),
    TaskName.STATISTICS: TaskShape(
        inputs={
            "data_path": _FOLDER,
            "labels_path": _FOLDER,
            "parameters_file": _FILE,
            "metadata_path": _FOLDER,
        },
        outputs={"output_path": _FILE},
        optional=_PARAMETERS | {"metadata_path"},
    ),
    TaskName.INFER: TaskShape(
        inputs={"data_path": _FOLDER, "parameters_file": _FILE, "additional_files": _FOLDER},
        outputs={"output_path": _FOLDER},
        optional=_PARAMETERS | {"additional_files"},
    ),
    TaskName.EVALUATE: TaskShape(
        inputs={"predictions": _FOLDER, "labels": _FOLDER, "parameters_file": _FILE},
        outputs={"output_path": _FILE, "local_outputs_path": _FOLDER},
        optional=_PARAMETERS | {"local_outputs_path"},
    ),
}

# A person's work between two runs of prepare needs these two; nothing else means stages.
REPORT_LABEL = "report_file"
METADATA_LABEL = "metadata_path"


def _absolute(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or parts[0] != "/" or ".." in parts or len(parts) < 2:
        raise ValueError("a mount path is absolute and has no '..'")
    if parts[1] in {"proc", "sys", "dev"}:
        raise ValueError(f"nothing can be mounted under /{parts[1]}")
    return path


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Mount(_Strict):
    """Where in the container a file or folder appears."""

    mount_path: Annotated[str, AfterValidator(_absolute)]
    type: MountType


class RunArgs(_Strict):
    """All an author may say about how a task runs. The sandbox is not among it."""

    command: str | tuple[str, ...] | None = None
    entrypoint: str | tuple[str, ...] | None = None
    environment: Mapping[str, str] = Field(default_factory=dict)
    shm_size: str | None = None
    gpus: str | None = None


class Task(_Strict):
    """One task of a cube."""

    run_args: RunArgs = RunArgs()
    input_volumes: Mapping[str, Mount] = Field(default_factory=dict)
    output_volumes: Mapping[str, Mount] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _mount_paths_differ(self) -> Self:
        seen: set[str] = set()
        for mount in (*self.input_volumes.values(), *self.output_volumes.values()):
            if mount.mount_path in seen:
                raise ValueError(f"two volumes are mounted at {mount.mount_path}")
            seen.add(mount.mount_path)
        return self


class ContainerConfig(_Strict):
    """A cube's configuration, whichever form it was written in."""

    container_type: Literal["DockerImage"]
    image: str = Field(min_length=1)
    tasks: Mapping[TaskName, Task] = Field(min_length=1)

    @model_validator(mode="after")
    def _labels_are_the_tasks(self) -> Self:
        faults = [fault for name, task in self.tasks.items() for fault in task_faults(name, task)]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def task_faults(name: TaskName, task: Task) -> list[str]:
    """Labels that a task does not have, lacks, or declares with the wrong type."""
    shape = TASK_SHAPES[name]
    faults: list[str] = []
    for side, wanted, given in (
        ("input_volumes", shape.inputs, task.input_volumes),
        ("output_volumes", shape.outputs, task.output_volumes),
    ):
        where = f"tasks.{name}.{side}"
        faults += [
            f"{where}.{label}: {name} has no such volume" for label in given if label not in wanted
        ]
        faults += [
            f"{where}.{label}: missing"
            for label in wanted
            if label not in given and label not in shape.optional
        ]
        faults += [
            f"{where}.{label}: must be a {wanted[label]}"
            for label, mount in given.items()
            if label in wanted and mount.type is not wanted[label]
        ]
    return faults


def read_container_config(document: object) -> ContainerConfig:
    """The configuration in a parsed YAML ``document``, in the newer or the older form.

    Raises: pydantic.ValidationError, whose ``loc`` says where in the document.
    """
    if isinstance(document, Mapping) and "container_type" not in document and "docker" in document:
        document = _from_mlcube(document)
    return ContainerConfig.model_validate(document)


def _from_mlcube(document: Mapping[str, Any]) -> dict[str, Any]:
    """The older form said in the newer: each parameter is an option of the command line."""
    docker = document.get("docker")
    image = docker.get("image") if isinstance(docker, Mapping) else None
    tasks = document.get("tasks")
    return {
        "container_type": "DockerImage",
        "image": image,
        "tasks": {
            name: _mlcube_task(name, task)
            for name, task in (tasks.items() if isinstance(tasks, Mapping) else ())
            if name in set(TaskName)
        },
    }


def _mlcube_task(name: str, task: object) -> dict[str, Any]:
    parameters = _mapping(task.get("parameters")) if isinstance(task, Mapping) else {}
    shape = TASK_SHAPES[TaskName(name)]
    volumes: dict[str, dict[str, Any]] = {"input_volumes": {}, "output_volumes": {}}
    arguments = [name]
    for side, key, wanted in (
        ("input_volumes", "inputs", shape.inputs),
        ("output_volumes", "outputs", shape.outputs),
    ):
        for label in _mapping(parameters.get(key)):
            kind = wanted.get(label, MountType.DIRECTORY)
            slot = f"/mlcube_io{len(arguments) - 1}"
            path = f"{slot}/{label}" if kind is MountType.FILE else slot
            volumes[side][label] = {"mount_path": path, "type": kind}
            arguments.append(f"--{label}={path}")
    entrypoint = task.get("entrypoint") if isinstance(task, Mapping) else None
    if entrypoint:
        # A task with an entry point of its own is not told its name.
        arguments = arguments[1:]
    return {"run_args": {"command": arguments, "entrypoint": entrypoint}, **volumes}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
