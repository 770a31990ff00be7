"""A load of requests on a server, and what it took: wrk makes it, /proc tells of the server."""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 8
SECONDS = 5

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """What came of asking as fast as answers come, over eight connections."""

    per_second: float
    median_ms: float
    p99_ms: float
    cpu_ms: float  # of all processes of the server, for one request


def ask(
    url: str,
    token: str,
    processes: Iterable[int],
    body: Path | None = None,
    seconds: int = SECONDS,
) -> Load:
    """Ask one thing for some seconds, or send one body. Raises: RuntimeError for a refusal."""
    watched = tuple(processes)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    command += ["-H", f"Authorization: Bearer {token}"]
    if body is not None:
        command += ["-s", str(_script(body))]
    before = _cpu_s(watched)
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    took = _cpu_s(watched) - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{url}: {said}")
    requests = int(_found(r"(\d+) requests in", said))
    return Load(
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", said)),
        median_ms=_milliseconds("50%", said),
        p99_ms=_milliseconds("99%", said),
        cpu_ms=took * 1_000 / requests,
    )


def children_of(process: int) -> tuple[int, ...]:
    """The processes that one has started."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return tuple(int(number) for number in listed.split())


def resident_mib(process: int) -> float:
    """How much of the memory is this process's."""
    said = Path(f"/proc/{process}/status").read_text()
    return int(_found(r"VmRSS:\s+(\d+) kB", said)) / 1_024


def _script(body: Path) -> Path:
    script = body.with_suffix(".lua")
    lines: Mapping[str, str] = {
        "wrk.method": '"POST"',
        "wrk.body": f"[==[{body.read_text()}]==]",
        'wrk.headers["Content-Type"]': '"application/json"',
    }
    script.write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
    return script


def _cpu_s(processes: Iterable[int]) -> float:
    ticks = 0
    for process in processes:
        # One that ended was not among those that worked.
        with suppress(FileNotFoundError):
            ticks += _ticks(process)
    return ticks / _TICKS_PER_S


def _ticks(process: int) -> int:
    # After the name, which may hold anything but ends with the last parenthesis.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _milliseconds(share: str, said: str) -> float:
    number, unit = re.findall(rf"^\s+{share}\s+([\d.]+)(us|ms|s)$", said, re.MULTILINE)[0]
    return float(number) * _UNITS_MS[unit]


def _found(pattern: str, said: str) -> str:
    match = re.search(pattern, said)
    if match is None:
        raise RuntimeError(f"nothing like {pattern} in: {said}")
    return match[1]
