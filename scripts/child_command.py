"""Runs a command for a wrapper: signals reach it, and its exit status comes back."""

from __future__ import annotations

import signal
import subprocess
from types import FrameType
from typing import IO

_child: subprocess.Popen[str] | None = None
_asked: int | None = None  # the last signal that somebody sent to us alone


def pass_signals_on() -> None:
    """From now on the wrapper outlives its command, so that it can clear away after it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _pass_on)


def run(command: list[str], stdout: int | IO[str] | None = None) -> tuple[int, str]:
    """Its exit status, or 128 and the signal's number as shells have it; and what it printed."""
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
