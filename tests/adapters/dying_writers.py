"""Run as a program: forks writers that are killed or end at chosen moments, and tells what is left.

Forked from one process, since each moment would else cost the start of an interpreter.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from medperf_client.adapters.durable import write_file
from medperf_client.adapters.workspace import LocalWorkspace

OLD = {"a": "old", "d": "old"}
NEW = {"a": "new", "b": "new", "c": "new"}
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.scandir", "open"}
CRASHED = 9


def fork(work: Callable[[], None]) -> int:
    """A child that does ``work`` and ends."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return child


def kill_writers(file: Path) -> list[int]:
    """The number in ``file`` after each of 30 writers was killed at a moment of chance."""
    chance = random.Random(1)  # noqa: S311 - moments, not secrets

    def write_on() -> None:
        for number in range(10**6):
            write_file(file, json.dumps({"number": number, "padding": "x" * 50_000}).encode())

    numbers = []
    for _ in range(30):
        child = fork(write_on)
        time.sleep(chance.uniform(0.005, 0.04))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        numbers.append(json.loads(file.read_bytes())["number"])
    return numbers


def crash_everywhere(home: Path) -> list[dict[str, Any]]:
    """Ends a writer at its first change of the storage, at its second, and so on to its last."""
    outcomes = []
    for step in range(200):
        root = home / str(step)
        final = root / "data" / "prepared"
        final.mkdir(parents=True)
        for name, text in OLD.items():
            (final / name).write_text(text)
        (root / "record.json").write_text('{"state": "old"}')
        code = _adopt(root, step)
        left = {
            "record": json.loads((root / "record.json").read_text())["state"],
            "folder": _contents(final),
        }
        outcomes.append(left)
        left["retried"] = _adopt(root, 10**6) == 0 and _contents(final) == NEW
        left["scratch"] = os.listdir(root / "tmp")
        if code != CRASHED:
            break
    return outcomes


def _adopt(root: Path, steps: int) -> int:
    child = fork(lambda: _write_and_adopt(LocalWorkspace(root), steps))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _write_and_adopt(workspace: LocalWorkspace, steps: int) -> None:
    with workspace.scratch() as scratch:
        (scratch / "new").mkdir()
        for name, text in NEW.items():
            (scratch / "new" / name).write_text(text)
        _end_after(steps, str(workspace.root))
        workspace.write(workspace.path("record.json"), {"state": "new"})
        workspace.adopt(scratch / "new", workspace.path("data", "prepared"))


def _end_after(steps: int, root: str) -> None:
    """End this process, as abruptly as a power cut, before its change number ``steps``."""
    left = steps

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        # Removals work within open folders, on names alone.
        ours = event != "open" or str(arguments[0]).startswith(root)
        if event in CHANGES and ours:
            left -= 1
            if left < 0:
                os._exit(CRASHED)

    sys.addaudithook(hook)


def _contents(folder: Path) -> dict[str, str] | None:
    if not folder.is_dir():
        return None
    return {path.name: path.read_text() for path in folder.iterdir()}


if __name__ == "__main__":
    work = {"kill": kill_writers, "crash": crash_everywhere}[sys.argv[1]]
    sys.stdout.write(json.dumps(work(Path(sys.argv[2]))))
