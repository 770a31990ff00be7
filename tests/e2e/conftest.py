"""Sites for the end-to-end tests: seeded once, then copied, so that each test begins alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import ASSETS, BIN, PROJECT, Site, copy_site, draw_sample, require


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
