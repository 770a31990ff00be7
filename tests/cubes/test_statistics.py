"""The preparation cube's third task: true summaries that give no single case away."""

import numpy as np
import pytest
import yaml
from xray_prep.entry import main


def statistics(volumes, cases, labels):
    volumes.parameters("prep")
    volumes.prepared(cases, labels)
    outcome = volumes.run(main, "statistics")
    assert (outcome.code, outcome.err) == (0, "")
    return yaml.safe_load((volumes.root / "statistics/statistics.yaml").read_text())


def make_cases(random, count):
    return {f"case_{i:02}": random.random((28, 28), dtype=np.float32) for i in range(count)}


def make_labels(cases, ill):
    names = list(cases)
    return {name: "pneumonia" if name in names[:ill] else "normal" for name in names}


def leaves(document):
    if isinstance(document, dict):
        return [leaf for value in document.values() for leaf in leaves(value)]
    if isinstance(document, list):
        return [leaf for value in document for leaf in leaves(value)]
    return [document]


def test_cases_and_classes_are_counted(volumes, random):
    cases = make_cases(random, 20)
    found = statistics(volumes, cases, make_labels(cases, 12))
    assert found["cases"] == 20
    assert found["classes"] == {"normal": 8, "pneumonia": 12}
    assert found["image_size"] == [28, 28]


def test_intensity_is_that_of_all_pixels(volumes, random):
    cases = make_cases(random, 20)
    found = statistics(volumes, cases, make_labels(cases, 10))["intensity"]
    pixels = np.stack(list(cases.values())).astype(np.float64)
    assert found["mean"] == pytest.approx(pixels.mean(), abs=1e-4)
    assert found["std"] == pytest.approx(pixels.std(), abs=1e-4)
    quantiles = np.quantile(pixels, [0.05, 0.25, 0.5, 0.75, 0.95])
    assert list(found["quantiles"]) == ["5%", "25%", "50%", "75%", "95%"]
    assert list(found["quantiles"].values()) == pytest.approx(quantiles, abs=2e-3)


@pytest.mark.parametrize("ill", [1, 4, 16, 19])
def test_a_small_class_hides_all_class_counts(volumes, random, ill):
    cases = make_cases(random, 20)
    found = statistics(volumes, cases, make_labels(cases, ill))
    assert found["cases"] == 20
    assert found["classes"] == "withheld: rests on fewer than 5 cases"


@pytest.mark.parametrize("count", [1, 4])
def test_a_small_dataset_tells_nothing_but_its_settings(volumes, random, count):
    cases = make_cases(random, count)
    found = statistics(volumes, cases, make_labels(cases, count))
    numbers = [leaf for leaf in leaves(found) if not isinstance(leaf, str)]
    assert numbers == [28, 28, 5]


@pytest.mark.parametrize("odd_value", [0.0, 1.0])
def test_no_quantile_comes_from_one_odd_case(volumes, odd_value):
    """Of six cases one is all black or all white, which makes more than 5 % of the pixels."""
    cases = {f"c{i}": np.full((28, 28), 0.4 + i / 100, np.float32) for i in range(5)}
    cases["odd"] = np.full((28, 28), odd_value, np.float32)
    found = statistics(volumes, cases, dict.fromkeys(cases, "normal"))
    assert found["intensity"]["quantiles"]["95%" if odd_value else "5%"] is None
    assert odd_value not in leaves(found["intensity"])


def test_no_id_and_no_extreme_value_is_told(volumes, random):
    cases = {name: pixels * 0.5 + 0.25 for name, pixels in make_cases(random, 30).items()}
    cases["case_07"][3, 4], cases["case_08"][5, 6] = 0.0123, 0.9876
    found = statistics(volumes, cases, make_labels(cases, 15))
    text = yaml.safe_dump(found)
    assert "case_" not in text
    numbers = [leaf for leaf in leaves(found["intensity"]) if leaf is not None]
    assert min(numbers[0], *numbers[2:]) > 0.24
    assert max(numbers) < 0.76


def test_exchanging_two_labels_changes_nothing(volumes, random):
    cases = make_cases(random, 20)
    labels = make_labels(cases, 10)
    first = statistics(volumes, cases, labels)
    labels["case_00"], labels["case_19"] = labels["case_19"], labels["case_00"]
    assert statistics(volumes, cases, labels) == first


def test_a_missing_case_is_named(volumes, random):
    volumes.parameters("prep")
    cases = make_cases(random, 6)
    volumes.prepared(cases, make_labels(cases, 3))
    (volumes.root / "data/case_03.npy").unlink()
    outcome = volumes.run(main, "statistics")
    assert outcome.code == 1
    assert "the case 'case_03' is unreadable" in outcome.err
