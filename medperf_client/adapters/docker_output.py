"""Follows what an attached container prints, in a thread of its own."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from medperf_client.adapters.container_log import ContainerLog

_LAST_WORDS_S = 10.0  # after a container's end, for what the engine still holds of its output


class OutputReader:
    """Feeds a log from a stream of the Docker SDK; used as a context, it leaves no socket open."""

    def __init__(self, log: ContainerLog) -> None:
        self._log = log
        self._stream: Any = None
        self._thread: threading.Thread | None = None
        self._fault: Exception | None = None

    def __enter__(self) -> "OutputReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._join()
        if self._stream is not None:
            with contextlib.suppress(OSError, ValueError):
                # The stream's own close() leaves the descriptor to the garbage collector.
                self._stream._response.close()

    def follow(self, stream: Any, stop: Callable[[], None]) -> None:
        """Begin to read; ``stop`` ends the container when its output can no longer be kept."""
        self._stream = stream
        self._thread = threading.Thread(target=self._read, args=(stop,), daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait for the last words of a container that ended. Raises: whatever the log met."""
        self._join()
        if self._fault is not None:
            raise self._fault

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join(_LAST_WORDS_S)

    def _read(self, stop: Callable[[], None]) -> None:
        try:
            self._log.read(_until_broken(self._stream))
        except Exception as fault:
            # Nobody reads any more: the container would wait for ever once its pipe is full.
            self._fault = fault
            stop()


def _until_broken(stream: Iterator[bytes]) -> Iterator[bytes]:
    """What comes; a stream that breaks has ended: why, the wait for the container tells."""
    with contextlib.suppress(OSError, ValueError):
        yield from stream
