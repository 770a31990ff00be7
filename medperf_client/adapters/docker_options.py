"""A container run in the Docker API's own words: the sandbox first, then what the job adds."""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from medperf_client.adapters.mounts_below import mounts_below
from medperf_client.errors import BadData, UsageFault
from medperf_client.policy import sandbox
from medperf_client.ports.engine import ContainerJob


def container_options(
    job: ContainerJob,
    engine: Mapping[str, Any],
    owner: Mapping[str, str],
    volumes: Collection[str] = (),
) -> dict[str, Any]:
    """The body of ``POST /containers/create``. ``engine`` is the answer of ``GET /info``.

    ``volumes`` are the places for which the image declares a volume of its own.

    Raises: UsageFault (GPUs), BadData (environment).
    """
    options: dict[str, Any] = {
        "Image": job.image_id,
        "User": _user(engine),
        "Env": [f"{name}={value}" for name, value in _environment(job).items()],
        "Labels": {**job.labels, **owner},
        "AttachStdout": True,
        "AttachStderr": True,
        "NetworkDisabled": True,
        "HostConfig": _host_config(job, engine, volumes),
    }
    if job.command is not None:
        options["Cmd"] = list(job.command)
    if job.entrypoint is not None:
        options["Entrypoint"] = list(job.entrypoint)
    return options


def with_network(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same run with the engine's usual network, which only its author may give a container."""
    host_config = {**options["HostConfig"], "NetworkMode": sandbox.OPEN_NETWORK}
    return {**options, "NetworkDisabled": False, "HostConfig": host_config}


def _environment(job: ContainerJob) -> dict[str, str]:
    for name in job.environment:
        if not name or "=" in name or "\0" in name:
            raise BadData(
                f"{job.name} sets {name!r}, which is no name of an environment variable.",
                hint="Tell the author of its configuration.",
            )
    return {**job.environment, "HOME": sandbox.HOME}


def _host_config(
    job: ContainerJob, engine: Mapping[str, Any], volumes: Collection[str]
) -> dict[str, Any]:
    limits = job.limits
    memory = limits.memory_bytes or int(engine.get("MemTotal", 0)) * 3 // 4
    config: dict[str, Any] = {
        "NetworkMode": sandbox.NETWORK,
        "CapDrop": list(sandbox.DROPPED_CAPABILITIES),
        "SecurityOpt": list(sandbox.SECURITY_OPTIONS),
        "ReadonlyRootfs": True,
        "Tmpfs": {
            path: f"{options},size={limits.tmp_bytes}" for path, options in sandbox.TMPFS.items()
        },
        "Privileged": False,
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "Init": True,
        # The engine keeps no copy of what a container says: it comes here as it is said.
        "LogConfig": {"Type": "none"},
        "PidsLimit": limits.pids,
        "ShmSize": job.shm_bytes or limits.shm_bytes,
        "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
        "Mounts": [
            *(mount for target, source in job.inputs.items() for mount in _input(target, source)),
            *(_bind(target, source, False) for target, source in job.outputs.items()),
            *(_in_memory(place, limits.tmp_bytes) for place in _uncovered(volumes, job)),
        ],
    }
    if memory:
        config |= {"Memory": memory, "MemorySwap": memory}
    if limits.cpus:
        config["NanoCpus"] = int(min(limits.cpus, engine.get("NCPU") or limits.cpus) * 1e9)
    if job.gpus:
        config["DeviceRequests"] = [_gpus(job.gpus)]
    return config


def _input(target: str, source: Path) -> Iterator[dict[str, Any]]:
    """An input, and read-only on top of it each file system that is mounted below."""
    yield _bind(target, source, True)
    for below in mounts_below(source):
        yield _bind(f"{target}/{below.as_posix()}", source / below, True)


def _bind(target: str, source: Path, read_only: bool) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": os.path.abspath(source),
        "Target": target,
        "ReadOnly": read_only,
        "BindOptions": {"Propagation": "rprivate"},
    }


def _uncovered(volumes: Collection[str], job: ContainerJob) -> list[str]:
    """Where the image has a volume and the job mounts nothing."""
    ours = {os.path.normpath(place) for place in (*job.inputs, *job.outputs, *sandbox.TMPFS)}
    return sorted({os.path.normpath(place) for place in volumes} - ours)


def _in_memory(target: str, size_bytes: int) -> dict[str, Any]:
    """For a volume the engine would take disk of the machine, writable and without a bound."""
    return {
        "Type": "tmpfs",
        "Target": target,
        "TmpfsOptions": {"SizeBytes": size_bytes, "Mode": 0o1777},
    }


def _user(engine: Mapping[str, Any]) -> str:
    """The caller; in a rootless engine the caller is what root means inside."""
    if any("rootless" in option for option in engine.get("SecurityOptions") or ()):
        return "0:0"
    return f"{os.getuid()}:{os.getgid()}"


def _gpus(spec: str) -> dict[str, Any]:
    """``all``, a number, or ``device=0,1``. Raises: UsageFault."""
    request: dict[str, Any] = {"Capabilities": [["gpu"]]}
    if spec == "all":
        return {**request, "Count": -1}
    if spec.isascii() and spec.isdigit() and int(spec) > 0:
        return {**request, "Count": int(spec)}
    if spec.startswith("device=") and spec.removeprefix("device="):
        return {**request, "DeviceIDs": spec.removeprefix("device=").split(",")}
    raise UsageFault(
        f"{spec!r} names no GPUs.", hint="Write all, a number, or device=0,1 (ids or UUIDs)."
    )
