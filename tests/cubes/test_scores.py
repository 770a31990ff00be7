"""Scores, intervals and curves against scikit-learn and a plain second implementation."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from xray_metrics.bootstrap import intervals
from xray_metrics.parameters import Bootstrap
from xray_metrics.roc import roc_curve
from xray_metrics.scores import scores

THRESHOLD = 0.5
SETTINGS = Bootstrap(resamples=100, confidence=0.95, seed=3)

# Tenths make ties frequent and meet the threshold exactly; floats reach the extremes.
probabilities = st.one_of(
    st.integers(0, 10).map(lambda tenths: tenths / 10), st.floats(0, 1, allow_subnormal=True)
)
cases = st.lists(st.tuples(st.booleans(), probabilities), min_size=1, max_size=60)
weighted_cases = st.lists(
    st.tuples(st.booleans(), probabilities, st.integers(0, 4)), min_size=1, max_size=60
)


def columns(rows):
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def scored(positive, probability, weights=None):
    weights = np.ones(len(positive)) if weights is None else weights
    found = scores(weights[None].astype(float), positive, probability, THRESHOLD)
    return {name: float(values[0]) for name, values in found.items()}


def expected(positive, probability, weights=None):
    """What scikit-learn says; None where it is undefined."""
    called = probability >= THRESHOLD
    w = np.ones(len(positive)) if weights is None else weights
    ill, well = w[positive].sum(), w[~positive].sum()
    recall = {"sample_weight": w, "zero_division": 0}
    found = {
        "auc": lambda: reference.roc_auc_score(positive, probability, sample_weight=w),
        "accuracy": lambda: reference.accuracy_score(positive, called, sample_weight=w),
        "sensitivity": lambda: reference.recall_score(positive, called, **recall),
        "specificity": lambda: reference.recall_score(~positive, ~called, **recall),
        "f1": lambda: reference.f1_score(positive, called, **recall),
        "brier": lambda: reference.brier_score_loss(
            positive, probability, sample_weight=w, pos_label=True
        ),
    }
    undefined = {
        "auc": not (ill and well),
        "sensitivity": not ill,
        "specificity": not well,
        "f1": not (ill or w[called].sum()),
    }
    return {name: None if undefined.get(name) else float(ask()) for name, ask in found.items()}


def assert_same(found, wanted):
    for name, value in wanted.items():
        if value is None:
            assert np.isnan(found[name]), name
        else:
            assert found[name] == pytest.approx(value, abs=1e-9), name


@settings(deadline=None)
@given(cases)
def test_scores_equal_scikit_learns(rows):
    positive, probability = columns(rows)
    assert_same(scored(positive, probability), expected(positive, probability))


@settings(deadline=None)
@given(weighted_cases)
def test_weighted_scores_equal_scikit_learns(rows):
    positive, probability, weights = columns(rows)
    assume(weights.sum())
    found = scored(positive, probability, weights)
    assert_same(found, expected(positive, probability, weights.astype(float)))


@settings(deadline=None)
@given(weighted_cases)
def test_a_weight_is_a_number_of_repetitions(rows):
    positive, probability, weights = columns(rows)
    assume(weights.sum())
    repeated = scored(np.repeat(positive, weights), np.repeat(probability, weights))
    assert scored(positive, probability, weights) == pytest.approx(repeated, abs=1e-12, nan_ok=True)


def test_no_weight_at_all_leaves_every_score_undefined():
    found = scored(np.array([True, False]), np.array([0.2, 0.7]), np.zeros(2))
    assert all(np.isnan(value) for value in found.values())


def test_scores_equal_scikit_learns_on_many_cases():
    random = np.random.default_rng(1)
    positive = random.random(20_000) < 0.3
    probability = np.clip(random.normal(0.4 + 0.2 * positive, 0.2), 0, 1).round(3)
    assert_same(scored(positive, probability), expected(positive, probability))


def resampled_plainly(positive, probability, settings):
    """The same draws, each scored by scikit-learn."""
    random = np.random.default_rng(settings.seed)
    draws = random.integers(len(positive), size=(settings.resamples, len(positive)))
    return [expected(positive[draw], probability[draw]) for draw in draws]


@pytest.mark.parametrize(("count", "share"), [(80, 0.6), (12, 0.2)])
def test_intervals_are_the_percentiles_of_rescored_resamples(count, share):
    random = np.random.default_rng(count)
    positive = np.arange(count) < count * share
    probability = np.clip(random.normal(0.4 + 0.2 * positive, 0.2), 0, 1).round(2)
    found = intervals(positive, probability, THRESHOLD, SETTINGS)
    plain = resampled_plainly(positive, probability, SETTINGS)
    for name, interval in found.items():
        values = [row[name] for row in plain if row[name] is not None]
        assert interval.resamples == len(values)
        assert interval.bounds == pytest.approx(np.percentile(values, [2.5, 97.5]), abs=1e-9)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    positive, probability = np.arange(40) % 3 == 0, np.linspace(0, 1, 40) ** 2
    bounds = [
        intervals(positive, probability, THRESHOLD, SETTINGS._replace(seed=seed))["auc"].bounds
        for seed in (1, 1, 2)
    ]
    assert bounds[0] == bounds[1] != bounds[2]


def test_a_score_that_no_resample_defines_has_no_interval():
    found = intervals(np.array([True] * 5), np.linspace(0, 1, 5), THRESHOLD, SETTINGS)
    assert found["auc"].bounds is None
    assert found["auc"].resamples == 0
    assert found["accuracy"].resamples == SETTINGS.resamples


def test_intervals_cover_the_truth_about_as_often_as_they_claim():
    """150 samples of a known AUC, that of normals one apart: 95 % intervals hold it in 130."""
    random = np.random.default_rng(5)
    covered = 0
    for seed in range(150):
        positive = np.arange(120) < 60
        latent = random.normal(positive * 1.0, 1)
        found = intervals(
            positive, 1 / (1 + np.exp(-latent)), THRESHOLD, SETTINGS._replace(seed=seed)
        )
        low, high = found["auc"].bounds
        covered += low <= 0.7602 <= high
    assert covered >= 130


@settings(deadline=None)
@given(cases)
def test_the_curve_is_scikit_learns_without_points_on_straight_lines(rows):
    positive, probability = columns(rows)
    assume(positive.any() and not positive.all())
    curve = roc_curve(positive, probability, most=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fpr, tpr, _ = reference.roc_curve(positive, probability, drop_intermediate=False)
    every_point = set(zip(fpr.round(9), tpr.round(9), strict=True))
    assert set(zip(curve.fpr.round(9), curve.tpr.round(9), strict=True)) <= every_point
    assert (curve.fpr[0], curve.tpr[0], curve.fpr[-1], curve.tpr[-1]) == (0, 0, 1, 1)
    assert reference.auc(curve.fpr, curve.tpr) == pytest.approx(reference.auc(fpr, tpr), abs=1e-9)
    assert not curve.is_shortened
    slopes = np.diff(curve.tpr)[:-1] * np.diff(curve.fpr)[1:]
    assert (slopes != np.diff(curve.tpr)[1:] * np.diff(curve.fpr)[:-1]).all()


def test_a_long_curve_is_shortened_and_says_so():
    random = np.random.default_rng(2)
    positive = random.random(5000) < 0.5
    probability = np.clip(random.normal(0.4 + 0.2 * positive, 0.2), 0, 1)
    curve = roc_curve(positive, probability, most=200)
    assert curve.is_shortened
    assert len(curve.fpr) == 200
    exact = reference.roc_auc_score(positive, probability)
    assert reference.auc(curve.fpr, curve.tpr) == pytest.approx(exact, abs=2e-3)
