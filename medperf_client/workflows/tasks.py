"""Running one task of one cube: mounts by label, in the sandbox, with a log of its own."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from medperf_api.contract.container_config import MountType, Task, TaskName
from medperf_client.errors import BadData
from medperf_client.policy.sandbox import size_bytes
from medperf_client.ports.bundle import Ports, RunSettings
from medperf_client.ports.engine import ContainerJob
from medperf_client.ports.reporter import Step
from medperf_client.workflows.cubes import Cube


def run_task(
    ports: Ports, cube: Cube, name: TaskName, mounts: Mapping[str, Path], run: str, step: Step
) -> None:
    """Run ``name`` of ``cube`` with ``mounts`` (label -> host path) and wait for its end.

    ``run`` names the run in the log's file name and the container's labels: ``b1m4d1``, ``d1``.
    Outputs are made empty first. Raises: ContainerFailed; BadData, before anything runs.
    """
    log_file = ports.workspace.folder("logs") / f"{run}_{name}.log"
    job = replace(task_job(ports.runs, cube, name, mounts, run), log_file=log_file)
    ports.engine.run(job, step.line)


def task_job(
    settings: RunSettings, cube: Cube, name: TaskName, mounts: Mapping[str, Path], run: str
) -> ContainerJob:
    """The container run that ``run_task`` makes; its outputs are there then. Raises: BadData."""
    task = require_task(cube, name)
    given = {**_own_files(cube), **mounts}
    inputs = {
        mount.mount_path: _present(cube, name, label, given, mount.type)
        for label, mount in task.input_volumes.items()
    }
    outputs = {
        mount.mount_path: _empty(cube, name, label, given, mount.type)
        for label, mount in task.output_volumes.items()
    }
    args = task.run_args
    return ContainerJob(
        image_id=cube.image_id,
        name=f"{cube.name} {name}",
        inputs=inputs,
        outputs=outputs,
        limits=replace(settings.limits, timeout_s=_timeout(settings, name)),
        command=_words(args.command),
        entrypoint=_words(args.entrypoint),
        environment={**args.environment, **_loglevel(settings)},
        shm_bytes=settings.shm_bytes or (size_bytes(args.shm_size) if args.shm_size else None),
        gpus=settings.gpus or args.gpus,
        labels={"org.medperf.run": run, "org.medperf.task": name},
    )


def require_task(cube: Cube, name: TaskName) -> Task:
    """The cube's task. Raises: BadData, when its configuration has none of that name."""
    task = cube.config.tasks.get(name)
    if task is None:
        raise BadData(
            f"Container {cube.name!r} has no task '{name}'; it has {', '.join(cube.config.tasks)}.",
            hint="It was registered for another purpose: ask the benchmark's owner.",
        )
    return task


def _own_files(cube: Cube) -> dict[str, Path]:
    own = {"parameters_file": cube.parameters, "additional_files": cube.additional_files}
    return {label: path for label, path in own.items() if path is not None}


def _present(
    cube: Cube, name: TaskName, label: str, given: Mapping[str, Path], kind: MountType
) -> Path:
    path = given.get(label)
    if path is None:
        raise BadData(
            f"Task '{name}' of container {cube.name!r} declares {label}, which was not registered "
            "or given.",
            hint=f"tasks.{name}.input_volumes.{label} of its configuration asks for it.",
        )
    right = path.is_file() if kind is MountType.FILE else path.is_dir()
    if not right:
        raise BadData(f"{label} of task '{name}' of container {cube.name!r} is no {kind}: {path}")
    return path


def _empty(
    cube: Cube, name: TaskName, label: str, given: Mapping[str, Path], kind: MountType
) -> Path:
    path = given.get(label)
    if path is None:
        raise BadData(f"Task '{name}' of container {cube.name!r} has no place for {label}.")
    if kind is MountType.FILE:
        path.touch(mode=0o600)
    else:
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def _timeout(settings: RunSettings, name: TaskName) -> float | None:
    own: float | None = getattr(settings.timeouts, f"{name}_s")
    return settings.limits.timeout_s if own is None else own


def _words(command: str | tuple[str, ...] | None) -> tuple[str, ...] | None:
    return tuple(shlex.split(command)) if isinstance(command, str) else command


def _loglevel(settings: RunSettings) -> dict[str, str]:
    level = settings.container_loglevel
    return {"MEDPERF_LOGLEVEL": level} if level else {}
