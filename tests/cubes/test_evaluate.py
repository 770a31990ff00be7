"""The metrics cube's task: the document it writes, and the predictions it refuses."""

import json
import math
import time

import numpy as np
import pytest
import yaml
from sklearn import metrics as reference
from xray_metrics.entry import main


@pytest.fixture
def forty(volumes, random):
    """Forty labels, 25 of them pneumonia, and a prediction for each."""
    names = [f"case_{i:02}" for i in range(40)]
    labels = {name: "pneumonia" if i < 25 else "normal" for i, name in enumerate(names)}
    predictions = {
        name: float(np.clip(random.normal(0.65 if i < 25 else 0.35, 0.2), 0.01, 0.99))
        for i, name in enumerate(names)
    }
    volumes.parameters("metrics")
    volumes.prepared({}, labels)
    volumes.predicted(predictions)
    return labels, predictions


def results(volumes):
    outcome = volumes.run(main, "evaluate")
    assert (outcome.code, outcome.err) == (0, "")
    return yaml.safe_load((volumes.root / "results/results.yaml").read_text())


def refusal(volumes):
    outcome = volumes.run(main, "evaluate")
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1
    assert not (volumes.root / "results/results.yaml").exists()
    return outcome.err


def test_the_document_holds_scikit_learns_figures(volumes, forty):
    labels, predictions = forty
    positive = np.array([label == "pneumonia" for label in labels.values()])
    probability = np.array(list(predictions.values()))
    found = results(volumes)["metrics"]
    assert list(found) == ["auc", "accuracy", "sensitivity", "specificity", "f1", "brier"]
    estimates = {name: metric["estimate"] for name, metric in found.items()}
    called = probability >= 0.5
    assert estimates == pytest.approx(
        {
            "auc": reference.roc_auc_score(positive, probability),
            "accuracy": reference.accuracy_score(positive, called),
            "sensitivity": reference.recall_score(positive, called),
            "specificity": reference.recall_score(~positive, ~called),
            "f1": reference.f1_score(positive, called),
            "brier": reference.brier_score_loss(positive, probability),
        },
        abs=1e-9,
    )


def test_each_metric_has_its_interval_n_and_support(volumes, forty):
    for metric in results(volumes)["metrics"].values():
        low, high = metric["interval"]
        assert low <= metric["estimate"] <= high
        assert metric["n"] == 40
        assert metric["support"] == {"normal": 15, "pneumonia": 25}
        assert metric["resamples"] == 1000


def test_the_document_is_finite_json_without_a_case_or_a_threshold(volumes, forty):
    _, predictions = forty
    found = results(volumes)
    text = json.dumps(found, allow_nan=False)
    assert "case_" not in text
    assert not any(repr(value) in text for value in predictions.values())


def test_evaluating_twice_writes_the_same_bytes(volumes, forty):
    results(volumes)
    first = (volumes.root / "results/results.yaml").read_bytes()
    results(volumes)
    assert (volumes.root / "results/results.yaml").read_bytes() == first


def test_the_order_of_rows_changes_nothing(volumes, forty):
    _, predictions = forty
    first = results(volumes)
    volumes.predicted(dict(reversed(predictions.items())))
    assert results(volumes) == first


def test_the_settings_are_those_of_the_parameters(volumes, forty):
    changed = {"threshold": 0.9, "bootstrap": {"resamples": 50, "confidence": 0.8, "seed": 4}}
    volumes.parameters("metrics", **changed)
    found = results(volumes)
    assert found["settings"] == {
        "positive_class": "pneumonia",
        "threshold": 0.9,
        "interval": {"method": "percentile bootstrap", **changed["bootstrap"]},
    }
    assert found["metrics"]["specificity"]["estimate"] == 1.0
    assert found["metrics"]["auc"]["resamples"] == 50


def test_missing_and_extra_predictions_are_counted_and_not_scored(volumes, forty):
    _, predictions = forty
    complete = results(volumes)
    fewer = {name: value for name, value in predictions.items() if name > "case_02"}
    volumes.predicted(fewer | {"stranger": 0.1, "another": 0.9})
    found = results(volumes)
    assert found["cases"] == {
        "labelled": 40,
        "predicted": 39,
        "scored": 37,
        "missing_predictions": 3,
        "extra_predictions": 2,
    }
    assert found["notes"] == [
        "3 labelled cases have no prediction and are not scored",
        "2 predictions belong to no labelled case and are not scored",
    ]
    assert found["metrics"]["auc"]["support"] == {"normal": 15, "pneumonia": 22}
    assert complete["notes"] == []


def test_missing_and_extra_predictions_are_named_in_the_log_alone(volumes, forty):
    _, predictions = forty
    volumes.predicted({**dict(list(predictions.items())[1:]), "stranger": 0.1})
    outcome = volumes.run(main, "evaluate")
    assert "labelled but not predicted: 'case_00'" in outcome.out
    assert "predicted but not labelled: 'stranger'" in outcome.out
    written = (volumes.root / "results/results.yaml").read_text()
    assert "case_00" not in written
    assert "stranger" not in written


@pytest.mark.parametrize(
    ("label", "undefined"),
    [("pneumonia", {"auc", "specificity"}), ("normal", {"auc", "sensitivity"})],
)
def test_what_one_class_leaves_undefined_is_null_with_a_reason(volumes, forty, label, undefined):
    labels, _ = forty
    volumes.prepared({}, dict.fromkeys(labels, label))
    found = results(volumes)
    for name, metric in found["metrics"].items():
        if name in undefined:
            assert metric["estimate"] is None
            assert metric["interval"] is None
            assert metric["reason"].startswith("undefined: needs")
        else:
            assert math.isfinite(metric["estimate"])
    assert found["roc_curve"]["fpr"] == []
    assert found["roc_curve"]["reason"] == "undefined: needs cases of both classes"


def test_f1_without_a_positive_case_or_call_is_null(volumes, forty):
    labels, _ = forty
    volumes.prepared({}, dict.fromkeys(labels, "normal"))
    volumes.predicted(dict.fromkeys(labels, 0.1))
    assert results(volumes)["metrics"]["f1"]["estimate"] is None


def test_a_single_case_is_scored_as_far_as_it_goes(volumes, forty):
    volumes.prepared({}, {"only": "pneumonia"})
    volumes.predicted({"only": 0.75})
    found = results(volumes)["metrics"]
    assert found["brier"]["estimate"] == 0.0625
    assert found["brier"]["interval"] == [0.0625, 0.0625]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "-0.1", "1.0000001", "", "high"])
def test_a_value_that_is_no_probability_is_named_with_its_line(volumes, forty, value):
    _, predictions = forty
    volumes.predicted(predictions | {"case_01": value})
    assert "predictions.csv line 3: " in refusal(volumes)


def test_a_case_predicted_twice_is_named(volumes, forty):
    rows = [["case_00", 0.1], ["case_01", 0.2], ["case_00", 0.1]]
    volumes.table("predictions/predictions.csv", ["Image ID", "pneumonia"], rows)
    assert "predictions.csv line 4: 'case_00' is a duplicate" in refusal(volumes)


def test_predictions_of_other_cases_alone_are_refused(volumes, forty):
    volumes.predicted({"stranger": 0.5})
    assert "no prediction belongs to a labelled case" in refusal(volumes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no column named 'Image ID'"),
        (b"Image ID,pneumonia\n", "has no row below its header"),
        (b"Image ID,normal\ncase_00,0.5\n", "has no column named 'pneumonia'"),
        (b"Image ID,pneumonia\n,0.5\n", "line 2: the image id is empty"),
        (b"Image ID,pneumonia\ncase_00\n", "line 2: '' is no number"),
        (bytes(range(256)) * 4, "is no CSV file in UTF-8"),
        (b'Image ID,pneumonia\n"case_00,0.5\n', "is no CSV file in UTF-8"),
    ],
)
def test_garbage_for_predictions_is_refused(volumes, forty, content, said):
    (volumes.root / "predictions/predictions.csv").write_bytes(content)
    assert said in refusal(volumes)


def test_no_predictions_file_is_refused(volumes, forty):
    (volumes.root / "predictions/predictions.csv").unlink()
    assert "there is no predictions.csv" in refusal(volumes)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["case_00", "ill"]], "labels.csv line 2: unknown label 'ill'"),
        ([["case_00", "normal"]] * 2, "labels.csv line 3: 'case_00' is a duplicate"),
        ([], "labels.csv has no row"),
    ],
)
def test_labels_that_cannot_be_used_are_named(volumes, forty, rows, said):
    volumes.table("labels/labels.csv", ["Image ID", "Label"], rows)
    assert said in refusal(volumes)


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold": 0},
        {"threshold": "half"},
        {"positive_class": 1},
        {"roc_points": 1},
        {"bootstrap": 1000},
        {"bootstrap": {"resamples": 0, "confidence": 0.95, "seed": 1}},
        {"bootstrap": {"resamples": 10, "confidence": 1.5, "seed": 1}},
        {"bootstrap": {"resamples": 10, "confidence": 0.95, "seed": -1}},
    ],
)
def test_a_setting_that_cannot_be_used_is_named(volumes, forty, changes):
    volumes.parameters("metrics", **changes)
    assert "parameters: " in refusal(volumes)


def test_a_thousand_resamples_of_a_large_test_set_take_about_a_second(volumes, random):
    names = [f"case_{i}" for i in range(624)]
    volumes.parameters("metrics")
    volumes.prepared({}, {name: ("normal", "pneumonia")[i % 2] for i, name in enumerate(names)})
    volumes.predicted({name: float(random.random()) for name in names})
    started = time.process_time()
    results(volumes)
    assert time.process_time() - started < 2
