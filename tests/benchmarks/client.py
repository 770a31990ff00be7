"""How fast the client is: its start, its listings, and what it adds to the containers it runs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.bare_containers import run_bare, watching
from tests.benchmarks.pairing import Pairs, Spread, by_turns
from tests.benchmarks.sites import (
    MODEL,
    Stage,
    add_datasets,
    medperf,
    python,
    take_tutorial,
)
from tests.benchmarks.tables import Row
from tests.e2e.running import Site

_TYPER = "import typer"
_LIBRARIES = "import typer, httpx, pydantic, rich.table"
_MANY = 10_000


def measure() -> Iterator[Row]:
    """All figures of the client, each as soon as it is known."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        stage.seed()
        yield from _start(Site(stage.home / "template"))
        tutorial = Pairs([], [])
        for number in range(3):
            with stage.site(f"tutorial{number}") as site, watching(site.home) as seen:
                tutorial.ours.append(take_tutorial(site))
                tutorial.floor.append(run_bare(seen))
                if number == 2:
                    yield _tutorial_row(tutorial, len(seen))
                    yield _one_model(site)
                    yield _benchmarks(site)
                    yield _many_datasets(site)


def _start(site: Site) -> Iterator[Row]:
    commands = (
        (("--version",), "5.3 s"),
        (("--help",), ""),
        (("dataset", "--help"), ""),
    )
    for words, theirs in commands:
        pairs = by_turns(medperf(site, *words), python(site, _TYPER), 15)
        yield _ratio_row(f"`medperf {' '.join(words)}`", _TYPER, pairs, 2.0, theirs)
    bare = by_turns(medperf(site, "--version"), python(site, "pass"), 15)
    yield _ratio_row("`medperf --version`", "pass", bare)


def _benchmarks(site: Site) -> Row:
    pairs = by_turns(medperf(site, "benchmark", "ls"), python(site, _LIBRARIES), 15)
    return _ratio_row("`medperf benchmark ls`", _LIBRARIES, pairs, 1.6, "7.0 s")


def _one_model(site: Site) -> Row:
    models = site.home / "models.txt"
    models.write_text(f"{MODEL}\n")
    run = medperf(site, "benchmark", "run", "-b", "1", "-d", "1", "-f", models, "--no-cache")
    with watching(site.home) as seen:
        run()
    pairs = by_turns(run, lambda: run_bare(seen), 7)
    return Row(
        "`medperf benchmark run`, one model",
        f"`docker run` of its {len(seen)} containers",
        _seconds(pairs),
        f"{_spread(pairs.excess_s)} s over",
        "≤ 0.4 s over",
        pairs.excess_s.median <= 0.4,
        "7.6 s over",
    )


def _tutorial_row(pairs: Pairs, containers: int) -> Row:
    over = Spread.of(
        [ours - 2.5 * floor for ours, floor in zip(pairs.ours, pairs.floor, strict=True)]
    )
    return Row(
        "the tutorial's eleven steps",
        f"`docker run` of their {containers} containers",
        _seconds(pairs),
        f"{_spread(pairs.ratio)} times",
        "≤ 2.5 times + 5 s",
        over.median <= 5,
        "230 s for 36 steps",
    )


def _many_datasets(site: Site) -> Row:
    add_datasets(site, _MANY)
    pairs = by_turns(medperf(site, "dataset", "ls"), python(site, _LIBRARIES), 7)
    ours = Spread.of(pairs.ours)
    return Row(
        f"`medperf dataset ls` of {_MANY:,}",
        f"`python -c '{_LIBRARIES}'`",
        _seconds(pairs),
        f"{_spread(ours)} s",
        "≤ 2 s",
        ours.median <= 2,
        "20.7 s",
    )


def _ratio_row(
    ours: str, code: str, pairs: Pairs, aim: float | None = None, theirs: str = ""
) -> Row:
    return Row(
        ours,
        f"`python -c '{code}'`",
        _seconds(pairs),
        f"{_spread(pairs.ratio)} times",
        f"≤ {aim:g} times" if aim else "",
        pairs.ratio.median <= aim if aim else None,
        theirs,
    )


def _seconds(pairs: Pairs) -> str:
    return f"{pairs.ours_s:.3f}, {pairs.floor_s:.3f}"


def _spread(spread: Spread) -> str:
    return f"{spread.median:.2f} ({spread.least:.2f} to {spread.greatest:.2f})"
