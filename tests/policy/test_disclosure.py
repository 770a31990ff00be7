"""What may leave is finite, small, shallow JSON; all else is refused, with its place."""

import datetime
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medperf_client.errors import BadData
from medperf_client.policy.disclosure import MAX_BYTES, MAX_DEPTH, fit_document, require_mapping

text = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
numbers = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | text
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    max_leaves=20,
)


def nested(depth: int) -> Any:
    document: Any = 1
    for _ in range(depth):
        document = [document]
    return document


@given(documents)
def test_what_json_holds_passes_unchanged(document: Any) -> None:
    assert fit_document(document, "It") == document


@given(
    st.recursive(scalars | st.floats() | st.dates() | st.binary(), lambda inner: st.lists(inner))
)
def test_what_passes_can_always_be_sent(document: Any) -> None:
    try:
        fit = fit_document(document, "It")
    except BadData:
        return
    json.dumps(fit, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused_with_their_place(value: float) -> None:
    with pytest.raises(BadData, match=r"auc\.1") as caught:
        fit_document({"auc": [0.5, value]}, "The results")
    assert str(value) in caught.value.message
    assert "null" in caught.value.hint


def test_such_a_number_alone_is_at_the_top() -> None:
    with pytest.raises(BadData, match="its top"):
        fit_document(math.nan, "It")


def test_nesting_ends_at_the_bound() -> None:
    assert fit_document(nested(MAX_DEPTH), "It") == nested(MAX_DEPTH)
    with pytest.raises(BadData, match="nested more than 64 deep"):
        fit_document(nested(MAX_DEPTH + 1), "It")
    with pytest.raises(BadData, match="nested"):
        fit_document(nested(900), "It")


def test_size_ends_at_the_bound() -> None:
    fits = "x" * (MAX_BYTES - 2)
    assert fit_document(fits, "It") == fits
    with pytest.raises(BadData, match=str(MAX_BYTES + 1)):
        fit_document(fits + "x", "It")


def test_keys_become_text_and_none_is_lost_by_it() -> None:
    assert fit_document({1: "a", None: "b"}, "It") == {"1": "a", "None": "b"}
    with pytest.raises(BadData, match=r"key twice.*at classes"):
        fit_document({"classes": {1: "a", "1": "b"}}, "It")


def test_dates_become_text_and_tuples_lists() -> None:
    document = {"on": datetime.date(2026, 1, 2), "range": (1, 2)}
    assert fit_document(document, "It") == {"on": "2026-01-02", "range": [1, 2]}


@pytest.mark.parametrize("value", [2**63, -(2**63), 16**5000], ids=["more", "less", "far more"])
def test_whole_numbers_beyond_64_bits_are_refused(value: int) -> None:
    with pytest.raises(BadData, match="64 bits at n"):
        fit_document({"n": value}, "It")


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_characters_that_no_database_takes_are_refused(value: str) -> None:
    for document in ([value], {value: 1}):
        with pytest.raises(BadData, match="no text"):
            fit_document(document, "It")


@pytest.mark.parametrize("document", [{}, [], [1], "text", 1, None, True])
def test_results_are_a_mapping_that_holds_something(document: Any) -> None:
    with pytest.raises(BadData, match="The results must be a mapping"):
        require_mapping(document, "The results")


def test_a_mapping_passes() -> None:
    assert require_mapping({"auc": 0.9}, "The results") == {"auc": 0.9}
