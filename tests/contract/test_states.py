"""The tables of moves say something about every state."""

import pytest

from medperf_api.contract import states
from medperf_api.contract.states import Approval, State


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (states.STATE_MOVES, State),
        (states.ASSOCIATION_MOVES, Approval),
        (states.BENCHMARK_MOVES, Approval),
    ],
)
def test_every_state_has_its_moves(table: dict[object, frozenset[object]], kind: type) -> None:
    assert set(table) == set(kind)
    assert all(state not in moves for state, moves in table.items()), "staying is no move"


def test_an_association_can_begin_after_each_status() -> None:
    assert set(states.ASSOCIATION_STARTS) == {None, *Approval}


def test_nothing_is_approved_by_being_asked_for() -> None:
    assert all(Approval.APPROVED not in starts for starts in states.ASSOCIATION_STARTS.values())


def test_operation_is_one_way() -> None:
    assert states.may_change_state(State.DEVELOPMENT, State.OPERATION)
    assert not states.may_change_state(State.OPERATION, State.DEVELOPMENT)
