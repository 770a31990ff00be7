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
from types import FrameType
from typing import IO

_ENSURE = Path(__file__).with_name("ensure_engine.sh")
_PATIENCE_S = 60
_PR_SET_CHILD_SUBREAPER = 36

_child: subprocess.Popen[str] | None = None
_asked: int | None = None  # the last signal that somebody sent to us alone


def main() -> int:
    """The command's exit status, or 128 and the signal's number as shells have it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _pass_on)
    _adopt_orphans()
    status, answer = _run([str(_ENSURE)], subprocess.PIPE)
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
        return _run(command)[0]
    finally:
        _stop(engine)


def _run(command: list[str], stdout: int | IO[str] | None = None) -> tuple[int, str]:
    global _child
    _child = None
    _child = subprocess.Popen(command, stdout=stdout, text=True)
    if _asked is not None:
        # It came while there was nobody to pass it on to.
        _child.send_signal(_asked)
    out, _ = _child.communicate()
    status = _child.returncode
    return (status if status >= 0 else 128 - status), out or ""


def _pass_on(number: int, _frame: FrameType | None) -> None:
    global _asked
    # A terminal sends Ctrl+C to the command too; what was sent to us alone is passed on.
    if number == signal.SIGINT:
        return
    _asked = number
    if _child is not None:
        _child.send_signal(number)


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
