"""Sites to measure on: a seeded registry, the tutorial taken on it, and a registry grown large."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.pairing import Timed
from tests.e2e.conftest import approve
from tests.e2e.running import ASSETS, BIN, PROJECT, Site, copy_site, require

MODEL = 2  # the linear one
_SAMPLE = Path("medperf_tutorial", "sample_raw_data")
# The tutorial's steps before and after the benchmark's owner accepts the dataset.
_OFFER = (
    ("benchmark", "ls"),
    (
        "dataset", "submit", "-y", "--name", "mytestdata", "--description", "A tutorial dataset",
        "--location", "My machine", "--data_path", str(_SAMPLE / "images"),
        "--labels_path", str(_SAMPLE / "labels"), "--benchmark", "1",
    ),
    ("dataset", "ls", "--mine"),
    ("dataset", "prepare", "-y", "--data_uid", "1"),
    ("dataset", "set_operational", "-y", "--data_uid", "1"),
    ("dataset", "associate", "-y", "--benchmark_uid", "1", "--data_uid", "1"),
    ("association", "ls"),
)  # fmt: skip
_RUN = (
    ("benchmark", "run", "--benchmark", "1", "--data_uid", "1"),
    ("result", "view", "b1m4d1"),
    ("result", "submit", "-y", "--result", "b1m4d1"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A folder in which sites are made, each as ``scripts/seed.py --demo data`` leaves one."""

    home: Path

    def seed(self) -> None:
        """Make what every site begins as: the registry, and 200 synthetic images."""
        template = Site(self.home / "template")
        template.home.mkdir()
        with _serving(template):
            seed = PROJECT / "scripts" / "seed.py"
            source = ("--server", template.url, "--assets-url", f"file://{ASSETS}")
            _succeed(template, BIN / "python", seed, "--demo", "data", *source)
        _succeed(template, "sh", PROJECT / "scripts" / "setup_data_tutorial.sh")

    @contextmanager
    def site(self, name: str) -> Iterator[Site]:
        """A site of its own with its server running, removed at the end."""
        site = copy_site(Site(self.home / "template"), self.home / name)
        try:
            with _serving(site):
                yield site
        finally:
            shutil.rmtree(site.home)


def program(site: Site, *command: str | Path) -> Timed:
    """A program to time from its start to its end, its output going into a pipe."""

    def timed() -> float:
        began = time.perf_counter()
        ended = site.run(*command)
        took_s = time.perf_counter() - began
        if ended.returncode:
            raise RuntimeError(f"{command} ended with {ended.returncode}: {ended.stderr}")
        return took_s

    return timed


def medperf(site: Site, *words: str | Path) -> Timed:
    """One line of `medperf` to time."""
    return program(site, BIN / "medperf", *words)


def python(site: Site, code: str) -> Timed:
    """An interpreter that runs a line, to time."""
    return program(site, BIN / "python", "-c", code)


def take_tutorial(site: Site) -> float:
    """Take the tutorial's eleven steps; how many seconds they took."""
    began = time.perf_counter()
    for words in _OFFER:
        require(site.medperf(*words))
    approve(site)
    for words in _RUN:
        require(site.medperf(*words))
    return time.perf_counter() - began


def add_datasets(site: Site, total: int) -> None:
    """Fill the registry up to ``total`` datasets, all of them like dataset 1."""
    with closing(sqlite3.connect(site.home / "medperf.db")) as database, database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(datasets)")]
        others = {"id": "n", "name": "'dataset ' || n", "generated_uid": "printf('%064x', n)"}
        values = ", ".join(others.get(column, column) for column in columns)
        database.execute(
            # The columns are the table's own.
            "WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers "  # noqa: S608
            f"WHERE n < ?) INSERT INTO datasets ({', '.join(columns)}) "
            f"SELECT {values} FROM datasets, numbers WHERE id = 1",
            (total,),
        )


@contextmanager
def _serving(site: Site) -> Iterator[None]:
    try:
        site.start_server()
        yield
    finally:
        site.stop_server()


def _succeed(site: Site, *command: str | Path) -> None:
    ended = site.run(*command)
    if ended.returncode:
        raise RuntimeError(f"{command} ended with {ended.returncode}: {ended.stderr}")
