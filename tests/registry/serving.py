"""The real server in a process of its own, on a free port."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STOP_TIMEOUT_S = 20


@dataclass
class Running:
    """A server that listens."""

    place: Path
    url: str
    process: subprocess.Popen[str]
    exit_code: int | None = None

    def stderr(self) -> str:
        """What it said besides its address."""
        return (self.place / "stderr.txt").read_text()


@contextmanager
def running(place: Path, *arguments: str) -> Iterator[Running]:
    """A server in ``place``, stopped as Ctrl+C or a service manager would."""
    command = [sys.executable, "-m", "medperf_api", "serve", "--port", "0", *arguments]
    with (place / "stderr.txt").open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=place, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    server = Running(place, line.removeprefix("listening on ").strip(), process)
    try:
        assert line.startswith("listening on "), server.stderr()
        yield server
    finally:
        process.terminate()
        server.exit_code = process.wait(STOP_TIMEOUT_S)
        process.stdout.close()
