"""Runs a command with a container engine at hand; stops the engine after it if it was started here.

with_engine.py COMMAND…     (scripts/with_engine.sh, for short); the command finds it in DOCKER_HOST
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from child_command import pass_signals_on, run

_ENSURE = Path(__file__).with_name("ensure_engine.sh")
_PATIENCE_S = 60
_PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """The command's exit status, or 128 and the signal's number as shells have it."""
    pass_signals_on()
    _adopt_orphans()
    status, answer = run([str(_ENSURE)], subprocess.PIPE)
    if status:
        return status
    os.environ["DOCKER_HOST"], _, engine = answer.partition("\n")
    try:
        if not engine.strip():
            os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the caller's own command
        return _run_then_stop(sys.argv[1:], int(engine))
    except OSError as reason:
        print(f"with_engine: {sys.argv[1]}: {reason.strerror}", file=sys.stderr)
        return 127


def _run_then_stop(command: list[str], engine: int) -> int:
    try:
        return run(command)[0]
    finally:
        _stop(engine)


def _adopt_orphans() -> None:
    # Only its parent can clear away an ended process, and in many containers nobody else would.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _stop(engine: int) -> None:
    os.kill(engine, signal.SIGTERM)
    until = time.monotonic() + _PATIENCE_S
    while os.waitpid(engine, os.WNOHANG) == (0, 0):
        if time.monotonic() > until:
            print(f"with_engine: dockerd ({engine}) does not stop", file=sys.stderr)
            return
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
