"""States of registered objects and the moves between them, as tables both sides ask."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Whether an object is still being worked on. One way: operation never goes back."""

    DEVELOPMENT = "DEVELOPMENT"
    OPERATION = "OPERATION"


class Approval(StrEnum):
    """Where a request stands with the side that did not make it."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


STATE_MOVES: Mapping[State, frozenset[State]] = {
    State.DEVELOPMENT: frozenset({State.OPERATION}),
    State.OPERATION: frozenset(),
}

# A decision on a request to join a benchmark, made once.
ASSOCIATION_MOVES: Mapping[Approval, frozenset[Approval]] = {
    Approval.PENDING: frozenset({Approval.APPROVED, Approval.REJECTED}),
    Approval.APPROVED: frozenset(),
    Approval.REJECTED: frozenset(),
}

# An admin's decision on a benchmark: an approval may be taken back, a rejection may not.
BENCHMARK_MOVES: Mapping[Approval, frozenset[Approval]] = {
    Approval.PENDING: frozenset({Approval.APPROVED, Approval.REJECTED}),
    Approval.APPROVED: frozenset({Approval.REJECTED}),
    Approval.REJECTED: frozenset(),
}

# A new association of a pair, by the status of the newest earlier one; None: there is none.
ASSOCIATION_STARTS: Mapping[Approval | None, frozenset[Approval]] = {
    None: frozenset({Approval.PENDING}),
    Approval.PENDING: frozenset(),
    Approval.APPROVED: frozenset({Approval.REJECTED}),
    Approval.REJECTED: frozenset({Approval.PENDING}),
}


def may_decide_association(seen: Approval, wanted: Approval) -> bool:
    """Whether an association that stands at ``seen`` may be moved to ``wanted``."""
    return wanted in ASSOCIATION_MOVES[seen]


def may_start_association(newest: Approval | None, wanted: Approval) -> bool:
    """Whether a new association may begin as ``wanted`` after the pair's ``newest`` one."""
    return wanted in ASSOCIATION_STARTS[newest]


def may_decide_benchmark(seen: Approval, wanted: Approval) -> bool:
    """Whether an admin may move a benchmark from ``seen`` to ``wanted``; staying is no move."""
    return wanted in BENCHMARK_MOVES[seen]


def may_change_state(seen: State, wanted: State) -> bool:
    """Whether an object may go from ``seen`` to ``wanted``; staying is no move."""
    return wanted in STATE_MOVES[seen]
