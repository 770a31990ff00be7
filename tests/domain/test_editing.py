"""What counts as a change, and which changes operation allows."""

import pytest

from medperf_api.contract.errors import ErrorCode
from medperf_api.domain.editing import differences, frozen_faults


@pytest.mark.parametrize(
    ("current", "named"),
    [(1, 1), ("a", "a"), ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}), (1, 1.0)],
)
def test_an_unchanged_value_is_no_change(current: object, named: object) -> None:
    assert differences({"field": current}, {"field": named}) == {}


@pytest.mark.parametrize(
    ("current", "named"),
    [(1, True), (0, False), ({"a": 1}, {"a": True}), ([1], [True]), ([1], [1, 2]), ({}, [])],
)
def test_a_value_of_another_kind_is_a_change(current: object, named: object) -> None:
    assert differences({"field": current}, {"field": named}) == {"field": named}


def test_each_frozen_field_is_named() -> None:
    faults = list(frozen_faults({"name": "b", "is_valid": False}, frozenset({"is_valid"})))

    assert [(fault.field, fault.code) for fault in faults] == [("name", ErrorCode.NOT_EDITABLE)]
