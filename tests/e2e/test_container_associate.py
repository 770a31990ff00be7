"""A model's owner asks to join a benchmark, with the metrics of a compatibility test."""

import pytest

from tests.e2e.bad_cubes import MODELER, register_cube
from tests.e2e.running import Site, require

pytestmark = pytest.mark.engine

CODE = "import csv,pathlib; names=[p.stem for p in pathlib.Path('/in').iterdir()];print(names[:1])"


def test_a_model_that_fails_its_test_asks_nobody(site: Site) -> None:
    model = register_cube(site, "silent", "infer", CODE)
    require(site.medperf("auth", "login", "-e", MODELER))

    ended = require(site.medperf("container", "associate", "-b", "1", "-m", str(model), "-y"), 5)

    assert "no predictions" in ended.said
    with site.as_user(MODELER) as owner:
        asked = owner.get("/me/mlcubes/associations/").json()["results"]
    assert model not in [association["model_mlcube"] for association in asked]


def test_an_accepted_reference_model_asks_with_what_was_shown(site: Site) -> None:
    require(site.medperf("auth", "login", "-e", "testbo@example.com"))

    made = require(site.medperf("--json", "container", "associate", "-b", "1", "-m", "2", "-y"))

    auc = made.json()["metadata"]["test_result"]["metrics"]["auc"]["estimate"]
    assert 0 < auc <= 1
    assert f"{auc}" in made.err
