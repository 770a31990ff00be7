"""Approvals, every combination."""

import itertools

import pytest

from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.states import Approval
from medperf_api.domain.approval import benchmark_fault, decision_fault, first_status, start_fault

P, A, R = Approval.PENDING, Approval.APPROVED, Approval.REJECTED


@pytest.mark.parametrize(("newest", "wanted"), list(itertools.product([None, P, A, R], [P, A, R])))
def test_an_association_begins_only_where_the_page_says(
    newest: Approval | None, wanted: Approval
) -> None:
    allowed = {(None, P), (A, R), (R, P)}

    assert (start_fault(newest, wanted) is None) == ((newest, wanted) in allowed)


@pytest.mark.parametrize(("seen", "wanted"), list(itertools.product([P, A, R], repeat=2)))
def test_an_association_is_decided_once(seen: Approval, wanted: Approval) -> None:
    fault = decision_fault(seen, wanted, own_request=False)

    assert (fault is None) == ((seen, wanted) in {(P, A), (P, R)})


def test_whoever_asked_may_take_it_back_but_not_approve_it() -> None:
    assert decision_fault(P, R, own_request=True) is None
    refused = decision_fault(P, A, own_request=True)
    assert refused is not None
    assert refused.code is ErrorCode.OWN_REQUEST


@pytest.mark.parametrize(("seen", "wanted"), list(itertools.product([P, A, R], repeat=2)))
def test_a_benchmark_never_goes_back_and_a_rejection_stands(
    seen: Approval, wanted: Approval
) -> None:
    refused = {(A, P), (R, P), (R, A)}

    assert (benchmark_fault(seen, wanted) is not None) == ((seen, wanted) in refused)


def test_nobody_has_to_ask_themselves() -> None:
    assert first_status(P, same_owner=True) is A
    assert first_status(P, same_owner=False) is P
    assert first_status(R, same_owner=True) is R
