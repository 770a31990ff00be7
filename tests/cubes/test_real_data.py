"""The committed weights on the official test split of real chest X-rays."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.metrics import roc_auc_score
from xray_cnn.entry import main as run_cnn
from xray_linear.entry import main as run_linear
from xray_metrics.entry import main as run_metrics
from xray_prep.entry import main as run_prep

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize(
    ("model", "main", "least"), [("linear", run_linear, 0.90), ("cnn", run_cnn, 0.944)]
)
def test_the_models_reach_their_figures(volumes, real_split, model, main, least):
    images, labels = real_split("test")
    names = [f"test_{i:05}" for i in range(len(images))]
    volumes.parameters("prep")
    volumes.raw(
        dict(zip(names, images, strict=True)),
        {name: ("normal", "pneumonia")[label] for name, label in zip(names, labels, strict=True)},
    )
    assert volumes.run(run_prep, "prepare").code == 0
    assert volumes.run(run_prep, "sanity_check").code == 0
    volumes.parameters(model)
    volumes.additional_files(model)
    assert volumes.run(main, "infer").code == 0
    volumes.parameters("metrics")
    assert volumes.run(run_metrics, "evaluate").code == 0

    found = yaml.safe_load((volumes.root / "results/results.yaml").read_text())
    table = np.loadtxt(
        volumes.root / "predictions/predictions.csv", delimiter=",", skiprows=1, usecols=1
    )
    auc = found["metrics"]["auc"]
    assert auc["support"] == {"normal": 234, "pneumonia": 390}
    assert auc["estimate"] == pytest.approx(roc_auc_score(labels, table), abs=1e-9)
    assert auc["estimate"] >= least


def test_the_sample_models_arrays_are_those_of_the_training_split(real_split, sample_script):
    images, labels = real_split("train")
    fitted = sample_script.fit(images, labels)
    with np.load(sample_script.OUT) as arrays:
        for name, values in fitted.items():
            scale = np.abs(values).max()
            assert arrays[name] / scale == pytest.approx(values / scale, abs=2e-3)


@pytest.fixture
def sample_script():
    """scripts/make_sample_model.py as a module."""
    path = Path(__file__).resolve().parents[2] / "scripts/make_sample_model.py"
    specification = spec_from_file_location("make_sample_model", path)
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
