"""One task of one container of this machine, tried by its author. No server is asked or told."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from medperf_api.contract.container_config import TaskName
from medperf_client.errors import BadData, UsageFault
from medperf_client.ports.bundle import Ports
from medperf_client.ports.engine import ContainerJob
from medperf_client.workflows.cubes import Cube
from medperf_client.workflows.local_cubes import local_cube
from medperf_client.workflows.records import LocalDataset
from medperf_client.workflows.tasks import require_task, task_job

_RUN = "try"


@dataclass(frozen=True, slots=True)
class Trial:
    """What to run, and on what. ``mounts`` are host paths by label."""

    container: Path
    task: str
    mounts: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    parameters: Path | None = None
    additional_files: Path | None = None
    timeout_s: float | None = None
    log_file: Path | None = None


def try_task(ports: Ports, trial: Trial, *, networked_beside: Iterable[Path] | None = None) -> None:
    """Run the task and wait for its end.

    ``networked_beside`` says that the container will have a network, and in which folders clients
    keep what they registered: nothing of that is mounted. Raises: UsageFault, BadData,
    ContainerFailed.
    """
    name = _task_name(trial)
    cube = local_cube(
        ports,
        trial.container,
        parameters=trial.parameters,
        additional_files=trial.additional_files,
    )
    if networked_beside is not None:
        given = (*trial.mounts.values(), cube.parameters, cube.additional_files)
        _refuse_registered([path for path in given if path], list(networked_beside))
        ports.reporter.warn(
            "THE NETWORK IS OPEN: this container can send whatever it is given to anybody. Give it "
            "made-up data alone. No other command opens the network."
        )
    with ports.reporter.step(f"Run {name} of {cube.name}") as step:
        ports.engine.run(_job(ports, trial, cube, name), step.line)


def _task_name(trial: Trial) -> TaskName:
    try:
        return TaskName(trial.task)
    except ValueError:
        raise UsageFault(
            f"There is no task {trial.task!r}.", hint=f"There are: {', '.join(TaskName)}."
        ) from None


def _job(ports: Ports, trial: Trial, cube: Cube, name: TaskName) -> ContainerJob:
    task = require_task(cube, name)
    labels = {**task.input_volumes, **task.output_volumes}
    strangers = trial.mounts.keys() - labels.keys()
    if strangers:
        raise UsageFault(
            f"Task {name} of {cube.name} declares no {', '.join(sorted(strangers))}.",
            hint=f"It declares {', '.join(labels)}.",
        )
    try:
        job = task_job(ports.runs, cube, name, trial.mounts, _RUN)
    except OSError as error:
        raise BadData(f"{error.filename} cannot be made: {error.strerror}.") from error
    return replace(
        job,
        environment={**job.environment, **trial.environment},
        limits=job.limits.with_timeout(trial.timeout_s),
        log_file=trial.log_file,
    )


def _refuse_registered(given: Iterable[Path], storages: Iterable[Path]) -> None:
    """Refuse a path in which registered data is, or which is in it; also by another name of it."""
    for path in given:
        for kept in _registered(storages):
            if _is_within(path, kept) or _is_within(kept, path):
                raise UsageFault(
                    f"{path} has to do with registered data: {kept}",
                    hint="A container that has a network is never given any. Take made-up data, or "
                    "leave --allow_network out.",
                )


def _registered(storages: Iterable[Path]) -> Iterator[Path]:
    """The storages themselves, and the data of every dataset that was submitted from here."""
    for storage in storages:
        yield storage
        for file in storage.glob("*/data/*/dataset.json"):
            try:
                record = LocalDataset.model_validate_json(file.read_bytes())
            except (OSError, ValidationError) as error:
                raise BadData(
                    f"{file} cannot be read, so that it is unknown where registered data is.",
                    hint="Leave --allow_network out.",
                ) from error
            yield from (record.data_path, record.labels_path)
            if record.metadata_path:
                yield record.metadata_path


def _is_within(inner: Path, outer: Path) -> bool:
    """Whether ``inner`` is ``outer`` or lies below it; links and mounts are seen through."""
    real = Path(os.path.realpath(inner))
    return any(
        place.exists() and outer.exists() and place.samefile(outer)
        for place in (real, *real.parents)
    )
