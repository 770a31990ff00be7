"""The very containers that commands ran, seen while they run, and then run by `docker run`."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import docker
from docker.errors import APIError

from medperf_client.adapters.container_owner import MARK

_LABEL = "org.medperf.bare"


@dataclass(frozen=True, slots=True)
class Container:
    """A container as the engine was told to make it."""

    config: dict[str, Any]
    host: dict[str, Any]
    files: frozenset[str]  # writable mounts that are files

    def command(self, outputs: Path) -> list[str]:
        """The same as a `docker run`, with outputs of its own below ``outputs``."""
        program = [*(self.config["Entrypoint"] or ()), *(self.config["Cmd"] or ())]
        return [
            "docker", "run", "--rm", "--label", f"{_LABEL}={os.getpid()}",
            *self._sandbox(), *self._limits(), *self._mounts(outputs),
            *(f"--env={text}" for text in self.config["Env"]),
            f"--entrypoint={program[0]}", self.config["Image"], *program[1:],
        ]  # fmt: skip

    def _sandbox(self) -> list[str]:
        host = self.host
        return [
            f"--user={self.config['User']}",
            f"--network={host['NetworkMode']}",
            *(f"--cap-drop={name}" for name in host["CapDrop"]),
            *(f"--security-opt={option}" for option in host["SecurityOpt"]),
            f"--read-only={str(host['ReadonlyRootfs']).lower()}",
            *(f"--tmpfs={path}:{options}" for path, options in host["Tmpfs"].items()),
            f"--ipc={host['IpcMode']}",
            f"--cgroupns={host['CgroupnsMode']}",
            f"--init={str(host['Init']).lower()}",
            f"--log-driver={host['LogConfig']['Type']}",
        ]

    def _limits(self) -> list[str]:
        host = self.host
        return [
            f"--pids-limit={host['PidsLimit']}",
            f"--shm-size={host['ShmSize']}",
            f"--memory={host['Memory']}",
            f"--memory-swap={host['MemorySwap']}",
            f"--cpus={host['NanoCpus'] / 1e9}",
            *(f"--ulimit={one['Name']}={one['Soft']}:{one['Hard']}" for one in host["Ulimits"]),
        ]

    def _mounts(self, outputs: Path) -> list[str]:
        flags = []
        for number, mount in enumerate(self.host["Mounts"]):
            source = Path(mount["Source"])
            if not mount.get("ReadOnly"):
                source = outputs / str(number)
                source.touch() if mount["Source"] in self.files else source.mkdir()
            spread = mount["BindOptions"]["Propagation"]
            flag = f"--mount=type=bind,src={source},dst={mount['Target']},bind-propagation={spread}"
            flags.append(flag + (",readonly" if mount.get("ReadOnly") else ""))
        return flags


@contextmanager
def watching(home: Path) -> Iterator[list[Container]]:
    """Fills the list with each container made meanwhile that mounts something of ``home``."""
    seen: list[Container] = []
    with contextlib.closing(docker.from_env().api) as engine:
        made = {"type": "container", "event": "create", "label": f"{MARK}=1"}
        events = engine.events(decode=True, filters=made)
        watcher = Thread(target=_watch, args=(docker.from_env().api, events, home, seen))
        watcher.start()
        try:
            yield seen
        finally:
            events.close()
            watcher.join()


def run_bare(containers: list[Container]) -> float:
    """Run them one after the other; how many seconds that took."""
    with tempfile.TemporaryDirectory() as folder:
        commands = []
        for number, container in enumerate(containers):
            outputs = Path(folder, str(number))
            outputs.mkdir()
            commands.append(container.command(outputs))
        began = time.perf_counter()
        try:
            for command in commands:
                subprocess.run(command, check=True, capture_output=True, timeout=300)
        finally:
            took_s = time.perf_counter() - began
            _remove_leftovers()
    return took_s


def _watch(engine: Any, events: Any, home: Path, seen: list[Container]) -> None:
    with contextlib.closing(engine):
        for event in events:
            with contextlib.suppress(APIError):  # another's, and gone already
                made = engine.inspect_container(event["id"])
                mounts = made["HostConfig"].get("Mounts") or ()
                if any(mount["Source"].startswith(f"{home}/") for mount in mounts):
                    files = {one["Source"] for one in mounts if Path(one["Source"]).is_file()}
                    seen.append(Container(made["Config"], made["HostConfig"], frozenset(files)))


def _remove_leftovers() -> None:
    listing = ["docker", "ps", "--all", "--quiet", "--filter", f"label={_LABEL}={os.getpid()}"]
    left = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split()
    if left:
        subprocess.run(["docker", "rm", "--force", *left], check=True, capture_output=True)
