"""The way in: one task name, the mounted volumes, an exit code."""

import os
from importlib import import_module
from pathlib import Path

from .console import BadInput, Console

TASKS = ("infer",)
VOLUMES = Path("/mlcommons/volumes")


def main(arguments: list[str], volumes: Path = VOLUMES) -> int:
    """Run one task. Returns 0, 1 for input that cannot be worked on, 2 for a wrong call."""
    console = Console(os.environ.get("MEDPERF_LOGLEVEL", "info"))
    if len(arguments) != 1 or arguments[0] not in TASKS:
        console.refuse(BadInput(f"give one task: {', '.join(TASKS)}"))
        return 2
    try:
        # Each task is a module of its own so that no run waits for imports it does not need.
        import_module(f".{arguments[0]}", __package__).run(volumes, console)
    except BadInput as refusal:
        console.refuse(refusal)
        return 1
    except OSError as failure:
        console.refuse(BadInput(f"{failure.strerror or failure}: {failure.filename or 'output'}"))
        return 1
    return 0
