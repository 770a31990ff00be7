"""Which versions a change may go ahead with."""

import pytest

from medperf_api.domain.versions import ANY_VERSION, Expected, tag_of
from medperf_api.errors import Stale

ROW = {"id": 7, "version": 3, "name": "any"}


@pytest.mark.parametrize("expected", [ANY_VERSION, Expected(frozenset({"7.2", "7.3"}))])
def test_a_version_that_was_named_or_needed_no_name_is_current(expected: Expected) -> None:
    expected.refuse_unless_current(ROW)


@pytest.mark.parametrize("tags", [set(), {"7.2"}, {"7.30"}, {"8.3"}, {"73"}])
def test_every_other_version_is_stale(tags: set[str]) -> None:
    with pytest.raises(Stale):
        Expected(frozenset(tags)).refuse_unless_current(ROW)


def test_no_two_versions_of_any_two_objects_share_a_word() -> None:
    rows = [{"id": number, "version": version} for number in range(1, 30) for version in range(30)]

    assert len({tag_of(row) for row in rows}) == len(rows)
