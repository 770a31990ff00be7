"""The tutorial on 624 real chest X-rays: the official test split, through the real command."""

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, recall_score, roc_auc_score

from tests.e2e.conftest import approve, submission
from tests.e2e.running import PROJECT, Site, require

pytestmark = [pytest.mark.engine, pytest.mark.real_data]

REAL = Path(os.environ.get("MEDPERF_REAL_DATA", PROJECT.parent / "shared" / "data"))
# ResNet-18's published figure at this size, and what a logistic regression must reach.
AT_LEAST = {2: 0.90, 4: 0.944}


@pytest.fixture
def finished(site: Site) -> Site:
    """A site whose data owner ran both models on the test split and submitted both results."""
    npz = REAL / "pneumoniamnist.npz"
    if not npz.is_file():
        pytest.skip(f"no real X-rays at {REAL}: set MEDPERF_REAL_DATA")
    raw = site.home / "raw"
    export = [sys.executable, str(REAL / "export_chestxray.py"), str(npz), "test", str(raw)]
    subprocess.run(export, check=True, capture_output=True)
    require(site.medperf(*submission(raw / "images", raw / "labels"), "-y"))
    require(site.medperf("dataset", "prepare", "-d", "1", "-y"))
    require(site.medperf("dataset", "set_operational", "-d", "1", "-y"))
    require(site.medperf("dataset", "associate", "-d", "1", "-b", "1", "-y"))
    approve(site)
    require(site.medperf("benchmark", "run", "-b", "1", "-d", "1"))
    for model in AT_LEAST:
        require(site.medperf("result", "submit", "-r", f"b1m{model}d1", "-y"))
    return site


def test_the_submitted_metrics_are_those_of_scikit_learn_on_the_very_predictions(
    finished: Site,
) -> None:
    with finished.as_user("testbo@example.com") as owner:
        results = owner.get("/benchmarks/1/results/").json()["results"]

    assert {result["model"] for result in results} == set(AT_LEAST)
    for result in results:
        metrics = result["results"]["metrics"]
        expected = _scores(finished, result["model"])
        found = {name: metrics[name]["estimate"] for name in expected}
        assert found == pytest.approx(expected, abs=1e-9)
        assert all(metrics[name]["n"] == 624 for name in expected)
        assert metrics["auc"]["estimate"] >= AT_LEAST[result["model"]]
        _tell(result["model"], metrics)


def _scores(site: Site, model: int) -> dict[str, float]:
    """scikit-learn's scores of the predictions that lie on this machine."""
    with (site.home / "raw" / "labels" / "labels.csv").open() as rows:
        truth = {row["Image ID"]: int(row["Label"] == "pneumonia") for row in csv.DictReader(rows)}
    predictions = site.storage("predictions", f"b1m{model}d1", "predictions.csv")
    with predictions.open() as rows:
        scored = {row["Image ID"]: float(row["pneumonia"]) for row in csv.DictReader(rows)}
    assert scored.keys() == truth.keys()
    names = sorted(truth)
    labels = np.array([truth[name] for name in names])
    scores = np.array([scored[name] for name in names])
    decided = scores >= 0.5
    return {
        "auc": roc_auc_score(labels, scores),
        "accuracy": accuracy_score(labels, decided),
        "sensitivity": recall_score(labels, decided),
        "specificity": recall_score(labels, decided, pos_label=0),
        "f1": f1_score(labels, decided),
        "brier": brier_score_loss(labels, scores),
    }


def _tell(model: int, metrics: dict[str, Any]) -> None:
    """Kept in the report of the tests, for the figures of the README."""
    low, high = metrics["auc"]["interval"]
    sys.stderr.write(
        f"model {model}: AUC {metrics['auc']['estimate']:.3f} ({low:.3f}-{high:.3f})\n"
    )
