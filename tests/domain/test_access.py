"""Owners and admins."""

from medperf_api.domain.access import Caller, may_act_for


def test_an_owner_may_and_a_stranger_may_not() -> None:
    caller = Caller(id=1, is_admin=False)

    assert may_act_for(caller, 2, 1)
    assert not may_act_for(caller, 2, None)
    assert not may_act_for(caller)


def test_an_admin_may_even_where_there_is_nothing() -> None:
    assert may_act_for(Caller(id=1, is_admin=True), None)
