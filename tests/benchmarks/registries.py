"""Registries to measure: served by two workers, with as many results as a size asks for."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.engine import make_url

from medperf_api.database import opened
from tests.benchmarks.load import children_of
from tests.registry.bodies import benchmark_body, cube_body, dataset_body

OWNER = "testadmin@example.com"
WORKERS = 2

_METRIC = {"estimate": 0.929, "low": 0.905, "high": 0.952, "n": 624}
_METRICS = dict.fromkeys(("AUC", "accuracy", "sensitivity", "specificity", "F1"), _METRIC)
_COPIED = (
    "owner, name, benchmark, model, dataset, results, metadata, user_metadata,"
    " approval_status, approved_at, is_valid, created_at, modified_at"
)


@dataclass(frozen=True, slots=True)
class Registry:
    """A server at work, and what asking it needs."""

    url: str
    token: str
    workers: tuple[int, ...]
    postmaster: int | None  # of its database, where that has processes of its own
    result: Path  # a body to post

    @property
    def processes(self) -> tuple[int, ...]:
        """All that work for a request, once it was asked for the first time."""
        if self.postmaster is None:
            return self.workers
        return (*self.workers, self.postmaster, *children_of(self.postmaster))


@contextmanager
def served(place: Path, database_url: str, results: int) -> Iterator[Registry]:
    """A registry of so many results in an empty database."""
    place.mkdir(parents=True)
    environment = {
        **os.environ,
        "MEDPERF_DATABASE_URL": database_url,
        "MEDPERF_LOCAL_IDENTITY": str(place / "identity"),
    }
    command = (sys.executable, "-m", "medperf_api")
    run: dict[str, Any] = {
        "cwd": place,
        "env": environment,
        "text": True,
        "stderr": subprocess.DEVNULL,
    }
    subprocess.run([*command, "migrate"], check=True, **run)
    subprocess.run([*command, "user", "make-admin", OWNER], check=True, **run)
    serve = [*command, "serve", "--port", "0", "--workers", str(WORKERS)]
    process = subprocess.Popen(serve, stdout=subprocess.PIPE, **run)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("listening on ").strip()
        token = (place / f"identity/tokens/{OWNER}.jwt").read_text()
        body = place / "result.json"
        body.write_text(json.dumps(_begin(url, token)))
        asyncio.run(_grow(database_url, results))
        workers = tuple(child for child in children_of(process.pid) if _serves(child))
        yield Registry(url, token, workers, asyncio.run(_postmaster(database_url)), body)
    finally:
        process.terminate()
        process.wait()


def _serves(process: int) -> bool:
    return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()


def _begin(url: str, token: str) -> dict[str, Any]:
    """A benchmark with one result, through the API; the body of another result."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{url}/api/v0/", headers=headers) as client:

        def make(path: str, body: dict[str, Any]) -> int:
            answer = client.post(path, json=body).raise_for_status()
            number: int = answer.json()["id"]
            return number

        preparation, model, metrics = (
            make("mlcubes/", cube_body(state="OPERATION")) for _ in range(3)
        )
        dataset = make("datasets/", dataset_body(preparation))
        client.put(f"datasets/{dataset}/", json={"state": "OPERATION"}).raise_for_status()
        wanted = benchmark_body(preparation, model, metrics, state="OPERATION")
        benchmark = make("benchmarks/", wanted)
        approved = {"approval_status": "APPROVED"}
        client.put(f"benchmarks/{benchmark}/", json=approved).raise_for_status()
        pair = {"dataset": dataset, "benchmark": benchmark}
        make("datasets/benchmarks/", {**pair, "approval_status": "PENDING", "metadata": {}})
        body = {**pair, "model": model, "results": _METRICS, "metadata": {}}
        make("results/", body)
        return body


async def _grow(database_url: str, results: int) -> None:
    """Copy the first result until there are so many."""
    copied = (
        f"INSERT INTO results ({_COPIED})"  # noqa: S608 - the columns are named above
        " WITH RECURSIVE numbers(n) AS"
        " (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < :results)"
        f" SELECT {_COPIED} FROM results, numbers WHERE results.id = 1"
    )
    async with opened(async_url(database_url)) as engine:
        async with engine.begin() as connection:
            await connection.execute(text(copied), {"results": results})
        # What the database would do by itself in a quiet hour.
        settling = engine.execution_options(isolation_level="AUTOCOMMIT")
        async with settling.connect() as connection:
            await connection.exec_driver_sql("ANALYZE")
            if engine.dialect.name == "postgresql":
                await connection.exec_driver_sql("VACUUM")


async def _postmaster(database_url: str) -> int | None:
    async with opened(async_url(database_url)) as engine:
        if engine.dialect.name != "postgresql":
            return None
        async with engine.connect() as connection:
            backend = await connection.scalar(text("SELECT pg_backend_pid()"))
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def async_url(database_url: str) -> str:
    """The URL with the driver that the server uses."""
    url = make_url(database_url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    named = url.set(drivername=driver[url.get_backend_name()])
    return named.render_as_string(hide_password=False)
