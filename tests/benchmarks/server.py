"""What a request costs the server, on both databases, in short lists and in long ones."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from sqlalchemy import text
from sqlalchemy.engine import make_url

from medperf_api.database import opened
from tests.benchmarks.load import Load, ask, resident_mib
from tests.benchmarks.registries import Registry, async_url, served

POSTGRES = "MEDPERF_TEST_POSTGRES_URL"
SIZES = (1_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and what was aimed at: answers a second on each database, CPU for each."""

    name: str
    path: str
    per_second: tuple[int, int] | None = None
    cpu_ms: float | None = None
    medperf: str = ""


ASKED = (
    Asked("`GET /version`, for comparison", "/version"),
    Asked("`GET me/`", "/api/v0/me/", None, 1.0, "6.6 to 7.5 ms"),
    Asked("one object, `GET results/1/`", "/api/v0/results/1/", (1_200, 900), 1.2, "6 to 10 ms"),
    Asked("a page of 32, `GET results/`", "/api/v0/results/", (800, 500), 2.5, "12 to 19 ms"),
)


@dataclass(frozen=True, slots=True)
class ServerRow:
    """One request's figures beside what was aimed at."""

    HEADINGS: ClassVar = ("Request", "Database", "A second", "CPU", "p50, p99", "Aim", "Met",
                          "MedPerf, CPU on SQLite")  # fmt: skip

    request: str
    database: str
    per_second: str
    cpu: str = ""
    latency: str = ""
    aim: str = ""
    met: bool | None = None
    medperf: str = ""

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return (self.request, self.database, self.per_second, self.cpu, self.latency, self.aim,
                met, self.medperf)  # fmt: skip


def measure() -> Iterator[ServerRow]:
    """All figures of the server; those of PostgreSQL where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _on_database("SQLite", Path(folder), 0)
        if POSTGRES in os.environ:
            yield from _on_database("PostgreSQL", Path(folder), 1)


def _on_database(database: str, folder: Path, place: int) -> Iterator[ServerRow]:
    first: dict[str, Load] = {}
    for size in SIZES:
        here = folder / f"{database}{size}"
        with served(here, _database_url(here, database, size), size) as registry:
            if size == SIZES[0]:
                for asked in ASKED:
                    yield _row(asked, database, _load(registry, asked.path), place)
                yield _posting(registry, database)
                yield _memory(registry, database)
            for name, offset in (("the first page", 0), ("the last page", size - 32)):
                load = _load(registry, f"/api/v0/results/?offset={offset}")
                yield _growth(name, size, database, load, first.setdefault(name, load))


def _load(registry: Registry, path: str) -> Load:
    url = registry.url + path
    ask(url, registry.token, registry.workers, seconds=1)
    return ask(url, registry.token, registry.processes)


def _row(asked: Asked, database: str, load: Load, place: int) -> ServerRow:
    aims, met = [], [load.p99_ms < 5 * load.median_ms]
    if asked.per_second:
        aims.append(f"≥ {asked.per_second[place]:,} a second")
        met.append(load.per_second >= asked.per_second[place])
    if asked.cpu_ms:
        aims.append(f"≤ {asked.cpu_ms:g} ms")
        met.append(load.cpu_ms <= asked.cpu_ms)
    return ServerRow(
        asked.name,
        database,
        *_figures(load),
        f"{', '.join(aims)}, p99 < 5 p50" if aims else "",
        all(met) if aims else None,
        asked.medperf if place == 0 else "",
    )


def _figures(load: Load) -> tuple[str, str, str]:
    latency = f"{load.median_ms:.1f}, {load.p99_ms:.1f} ms"
    return f"{load.per_second:,.0f}", f"{load.cpu_ms:.2f} ms", latency


def _posting(registry: Registry, database: str) -> ServerRow:
    load = ask(
        f"{registry.url}/api/v0/results/", registry.token, registry.processes, registry.result
    )
    met = load.per_second >= 300
    aim = "≥ 300 a second, on the disk"
    return ServerRow("`POST results/`", database, *_figures(load), aim, met)


def _memory(registry: Registry, database: str) -> ServerRow:
    most = max(resident_mib(worker) for worker in registry.workers)
    said = f"{most:.0f} MiB a worker"
    return ServerRow("memory after all this", database, said, aim="≤ 90 MiB", met=most <= 90)


def _growth(name: str, size: int, database: str, load: Load, small: Load) -> ServerRow:
    ratio = load.cpu_ms / small.cpu_ms
    aim, met = ("≤ 1.2 times the CPU at 1,000", ratio <= 1.2) if load is not small else ("", None)
    what = f"{name} of {size:,} results"
    per_second, cpu, latency = _figures(load)
    grown = f"{cpu}, {ratio:.2f} times" if load is not small else cpu
    return ServerRow(what, database, per_second, grown, latency, aim, met)


def _database_url(here: Path, database: str, size: int) -> str:
    if database == "SQLite":
        return f"sqlite:///{here}/medperf.db"
    server = make_url(os.environ[POSTGRES])
    name = f"bench_{size}"
    asyncio.run(_make_anew(async_url(os.environ[POSTGRES]), name))
    return server.set(database=name).render_as_string(hide_password=False)


async def _make_anew(server: str, name: str) -> None:
    async with opened(server) as engine:
        alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        async with alone.connect() as connection:
            await connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            await connection.execute(text(f"CREATE DATABASE {name}"))
