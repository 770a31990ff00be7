"""The two models: what they predict, and what they refuse."""

import csv

import numpy as np
import onnxruntime
import pytest
from xray_cnn.entry import main as run_cnn
from xray_cnn.processors import usable_processors
from xray_linear.entry import main as run_linear

MODELS = {"linear": run_linear, "cnn": run_cnn}


@pytest.fixture(params=MODELS)
def model(request, volumes, random):
    """The name of a model whose volumes hold seven cases, to be scored three at once."""
    volumes.parameters(request.param, batch_size=3)
    volumes.additional_files(request.param)
    cases = {f"case.{i}": random.random((28, 28), dtype=np.float32) for i in range(7)}
    volumes.prepared(cases, {})
    return request.param


def predictions(volumes):
    with (volumes.root / "predictions/predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["Image ID", "pneumonia"]
    return {row["Image ID"]: float(row["pneumonia"]) for row in rows}


def refusal(volumes, model):
    outcome = volumes.run(MODELS[model], "infer")
    assert outcome.code == 1
    assert "Traceback" not in outcome.err
    assert not (volumes.root / "predictions/predictions.csv").exists()
    return outcome.err


def test_each_case_gets_a_probability(volumes, model):
    outcome = volumes.run(MODELS[model], "infer")
    assert (outcome.code, outcome.err) == (0, "")
    found = predictions(volumes)
    assert sorted(found) == [f"case.{i}" for i in range(7)]
    assert all(0 <= value <= 1 for value in found.values())


def test_the_size_of_a_batch_changes_no_prediction(volumes, model):
    volumes.run(MODELS[model], "infer")
    in_threes = predictions(volumes)
    volumes.parameters(model, batch_size=100)
    volumes.run(MODELS[model], "infer")
    assert predictions(volumes) == pytest.approx(in_threes, abs=1e-6)


def test_the_linear_model_is_the_logistic_function_of_a_weighted_sum(volumes, random):
    volumes.parameters("linear")
    volumes.additional_files("linear")
    case = random.random((28, 28), dtype=np.float32)
    volumes.prepared({"only": case}, {})
    volumes.run(run_linear, "infer")
    with np.load(volumes.root / "additional_files/weights.npz") as weights:
        log_odds = (case * weights["coefficients"]).sum() + weights["intercept"]
    assert predictions(volumes)["only"] == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=1e-9)


def test_extreme_weights_give_certain_predictions_without_a_warning(volumes):
    volumes.parameters("linear")
    for name, intercept in (("sure", 1e9), ("never", -1e9)):
        np.savez(
            volumes.root / "additional_files/weights.npz",
            coefficients=np.zeros((28, 28)),
            intercept=np.float64(intercept),
        )
        volumes.prepared({"only": np.zeros((28, 28), np.float32)}, {})
        assert volumes.run(run_linear, "infer").code == 0
        assert predictions(volumes)["only"] == (name == "sure")


def test_the_network_scores_what_its_file_says(volumes, random):
    volumes.parameters("cnn")
    volumes.additional_files("cnn")
    case = random.random((28, 28), dtype=np.float32)
    volumes.prepared({"only": case}, {})
    volumes.run(run_cnn, "infer")
    session = onnxruntime.InferenceSession(volumes.root / "additional_files/model.onnx")
    (expected,) = session.run(None, {"images": case[None]})
    assert predictions(volumes)["only"] == pytest.approx(expected[0], abs=1e-6)


def test_no_case_at_all_is_refused(volumes, model):
    for path in (volumes.root / "data").iterdir():
        path.unlink()
    assert "holds no prepared case" in refusal(volumes, model)


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.zeros((28, 28), np.float64), "holds float64"),
        (np.zeros((56, 56), np.float32), "of shape (56, 56)"),
        (np.full((28, 28), np.nan, np.float32), "not from 0 to 1"),
        (np.full((28, 28), 255, np.float32), "not from 0 to 1"),
    ],
)
def test_a_wrong_case_is_named(volumes, model, pixels, said):
    np.save(volumes.root / "data/case.5.npy", pixels)
    error = refusal(volumes, model)
    assert "'case.5'" in error
    assert said in error


def test_an_unreadable_case_is_named(volumes, model):
    (volumes.root / "data/case.5.npy").write_bytes(b"garbage")
    assert "the prepared case 'case.5' is unreadable" in refusal(volumes, model)


@pytest.mark.parametrize("content", [None, b"", b"garbage"])
def test_missing_or_broken_weights_are_named(volumes, model, content):
    (weights,) = (volumes.root / "additional_files").iterdir()
    weights.unlink()
    if content is not None:
        weights.write_bytes(content)
    assert weights.name in refusal(volumes, model)


def test_weights_for_another_size_are_refused(volumes, model):
    volumes.parameters(model, image_size=64)
    assert "64" in refusal(volumes, model)


def test_a_setting_that_cannot_be_used_is_named(volumes, model):
    volumes.parameters(model, batch_size=0)
    assert "parameters: batch_size" in refusal(volumes, model)


@pytest.mark.parametrize(
    ("files", "at_most"),
    [
        ({"cpu.max": "100000 100000\n"}, 1),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
    ],
)
def test_no_more_threads_than_the_quota_of_a_container(tmp_path, files, at_most):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert usable_processors(tmp_path) == at_most


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"cpu.max": "max 100000\n"},
        {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"},
    ],
)
def test_without_a_quota_all_processors_are_used(tmp_path, files):
    unlimited = usable_processors(tmp_path / "nothing")
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert usable_processors(tmp_path) == unlimited
