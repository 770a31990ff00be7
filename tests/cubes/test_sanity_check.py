"""The preparation cube's second task: every broken item is named."""

import numpy as np
import pytest
from xray_prep.entry import main


@pytest.fixture
def sound(volumes, random):
    """Three sound prepared cases."""
    cases = {f"case_{i}": random.random((28, 28), dtype=np.float32) for i in range(3)}
    volumes.parameters("prep")
    volumes.prepared(cases, dict.fromkeys(cases, "normal"))
    return cases


def refusal(volumes):
    outcome = volumes.run(main, "sanity_check")
    assert outcome.code == 1
    return outcome.err.splitlines()[-1]


def replace(volumes, pixels):
    np.save(volumes.root / "data/case_1.npy", pixels)


def test_sound_data_passes(volumes, sound):
    outcome = volumes.run(main, "sanity_check")
    assert (outcome.code, outcome.err) == (0, "")


def test_a_missing_case_is_named(volumes, sound):
    (volumes.root / "data/case_1.npy").unlink()
    assert "case 'case_1.npy' is missing" in refusal(volumes)


def test_a_case_without_a_label_is_named(volumes, sound):
    np.save(volumes.root / "data/stranger.npy", sound["case_0"] / 2)
    assert "file 'stranger.npy' has no row in the labels" in refusal(volumes)


def test_a_duplicate_label_is_named(volumes, sound):
    rows = [[f"case_{i}", "normal"] for i in (0, 1, 1, 2)]
    volumes.table("labels/labels.csv", ["Image ID", "Label"], rows)
    assert "image id 'case_1' is a duplicate" in refusal(volumes)


def test_an_unknown_label_is_named(volumes, sound):
    rows = [[f"case_{i}", "ill" if i == 1 else "normal"] for i in range(3)]
    volumes.table("labels/labels.csv", ["Image ID", "Label"], rows)
    assert "unknown label 'ill' of 'case_1'" in refusal(volumes)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'}"])
def test_an_unreadable_case_is_named(volumes, sound, content):
    (volumes.root / "data/case_1.npy").write_bytes(content)
    assert "case 'case_1.npy' is unreadable" in refusal(volumes)


def test_a_case_that_would_run_code_when_read_is_unreadable(volumes, sound):
    replace(volumes, np.array([print], dtype=object))
    assert "case 'case_1.npy' is unreadable" in refusal(volumes)


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.zeros((28, 27), np.float32), "has the shape (28, 27) instead of (28, 28)"),
        (np.zeros((28, 28), np.float64), "holds float64 instead of float32"),
        (np.full((28, 28), np.nan, np.float32), "holds values that are not finite"),
        (np.full((28, 28), np.inf, np.float32), "holds values that are not finite"),
        (np.full((28, 28), 1.01, np.float32), "holds values outside 0 to 1"),
        (np.full((28, 28), -0.01, np.float32), "holds values outside 0 to 1"),
    ],
)
def test_a_wrong_array_is_named_with_what_is_wrong(volumes, sound, pixels, said):
    replace(volumes, pixels)
    assert f"case 'case_1.npy' {said}" in refusal(volumes)


def test_equal_images_are_remarked_upon_and_let_pass(volumes, sound):
    replace(volumes, sound["case_0"])
    outcome = volumes.run(main, "sanity_check")
    assert outcome.code == 0
    assert "warning: 'case_1' has exactly the pixels of 'case_0'" in outcome.out


def test_all_problems_are_counted(volumes, sound):
    replace(volumes, np.zeros((1, 1), np.float32))
    (volumes.root / "data/case_2.npy").unlink()
    outcome = volumes.run(main, "sanity_check")
    assert "prepared data: 2 problems" in outcome.err.splitlines()[-1]
    assert "- case 'case_1.npy' has the shape (1, 1) instead of (28, 28)" in outcome.err
