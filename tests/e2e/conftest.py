"""Sites for the end-to-end tests: seeded once, then copied, so that each test begins alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import ASSETS, BIN, PROJECT, Site, copy_site, draw_sample, require
from tests.e2e.starters import Starters, built


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A registry as `seed.py --demo data` leaves it, its assets named by path; not running."""
    site = Site(tmp_path_factory.mktemp("seeded"))
    site.start_server()
    try:
        seeded = site.run(
            BIN / "python",
            PROJECT / "scripts" / "seed.py",
            "--demo",
            "data",
            "--server",
            site.url,
            "--assets-url",
            f"file://{ASSETS}",
        )
        assert seeded.returncode == 0, seeded.stdout + seeded.stderr
    finally:
        site.stop_server()
    return site


@pytest.fixture
def site(seeded: Site, tmp_path: Path) -> Iterator[Site]:
    """A seeded site with its server running."""
    site = copy_site(seeded, tmp_path / "site")
    site.start_server()
    yield site
    site.stop_server()


@pytest.fixture(scope="module")
def shared(seeded: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A seeded site for all tests of a file, which leave what they make under names of their own.

    The benchmark's owner is logged in.
    """
    site = copy_site(seeded, tmp_path_factory.mktemp("shared"))
    site.start_server()
    require(site.medperf("auth", "login", "-e", "testbo@example.com"))
    yield site
    site.stop_server()


@pytest.fixture(scope="session")
def starters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starters]:
    """The three starter containers, built."""
    with built(
        Site(tmp_path_factory.mktemp("starting")), tmp_path_factory.mktemp("x") / "starters"
    ) as starters:
        yield starters


@pytest.fixture
def submitted(site: Site) -> Site:
    """A site whose data owner has registered dataset 1, of 24 images."""
    images, labels = draw_sample(site.home, 24)
    require(site.medperf(*submission(images, labels), "-y"))
    return site


@pytest.fixture
def operational(submitted: Site) -> Site:
    """A site whose dataset 1 is operational."""
    require(submitted.medperf("dataset", "prepare", "-d", "1", "-y"))
    require(submitted.medperf("dataset", "set_operational", "-d", "1", "-y"))
    return submitted


@pytest.fixture
def accepted(operational: Site) -> Site:
    """A site whose dataset 1 was accepted by benchmark 1."""
    require(operational.medperf("dataset", "associate", "-d", "1", "-b", "1", "-y"))
    approve(operational)
    return operational


def submission(images: Path, labels: Path) -> tuple[str, ...]:
    """The words that register a dataset."""
    return (
        "dataset", "submit", "--name", "data", "--description", "d", "--location", "here",
        "--data_path", str(images), "--labels_path", str(labels), "--benchmark", "1",
    )  # fmt: skip


def approve(site: Site) -> None:
    """The benchmark's owner accepts dataset 1."""
    script = PROJECT / "scripts" / "simulate_data_association_approval.sh"
    ended = site.run("sh", script)
    assert ended.returncode == 0, ended.stdout + ended.stderr
