"""Progress without a terminal: one line a step, on stderr."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from medperf_client.output.text import duration, one_line

Clock = Callable[[], float]


class PlainStep:
    """Keeps the remark of a running step; its lines and bytes are not shown."""

    def __init__(self) -> None:
        self.remark = ""

    def line(self, text: str) -> None:
        """A container's line; its log file has it."""

    def progress(self, done: int, total: int | None) -> None:
        """Bytes done; nobody watches."""

    def note(self, text: str) -> None:
        """A remark, kept for the step's line."""
        self.remark = text


class PlainReporter:
    """A ``Reporter`` for logs and pipes; ``quiet`` keeps the warnings alone."""

    def __init__(self, *, quiet: bool = False, clock: Clock = time.monotonic) -> None:
        self._quiet = quiet
        self._clock = clock
        self._lock = threading.Lock()

    @contextmanager
    def step(self, title: str) -> Iterator[PlainStep]:
        """A step, told in one line when it has ended."""
        step, started = PlainStep(), self._clock()
        try:
            yield step
        except BaseException as failure:
            self.say(finished_line(_word(failure), title, self._clock() - started, step.remark))
            raise
        self.say(finished_line("ok", title, self._clock() - started, step.remark))

    def say(self, text: str) -> None:
        """A sentence, unless quiet."""
        if not self._quiet:
            self._write(text)

    def warn(self, text: str) -> None:
        """A sentence not to overlook."""
        self._write(f"Warning: {text}")

    def _write(self, text: str) -> None:
        with self._lock:
            sys.stderr.write(one_line(text) + "\n")
            sys.stderr.flush()


def finished_line(word: str, title: str, elapsed_s: float, remark: str) -> str:
    """``ok  Prepare the data (1.2 s): already here``."""
    return f"{word}  {title} ({duration(elapsed_s)})" + (f": {remark}" if remark else "")


def _word(failure: BaseException) -> str:
    return "stopped" if isinstance(failure, KeyboardInterrupt) else "failed"
