"""Which approvals may be asked for and given, in words a person understands."""

from medperf_api.contract.errors import ErrorCode
from medperf_api.contract.states import (
    ASSOCIATION_STARTS,
    Approval,
    may_decide_association,
    may_decide_benchmark,
    may_start_association,
)
from medperf_api.errors import Fault


def first_status(wanted: Approval, same_owner: bool) -> Approval:
    """Where a new association begins: nobody has to ask themselves."""
    if wanted is Approval.PENDING and same_owner:
        return Approval.APPROVED
    return wanted


def start_fault(newest: Approval | None, wanted: Approval) -> Fault | None:
    """Why an association cannot begin as ``wanted`` after the pair's newest one."""
    if may_start_association(newest, wanted):
        return None
    allowed = " or ".join(sorted(ASSOCIATION_STARTS[newest]))
    earlier = f"the newest association is {newest}" if newest else "there is none yet"
    rest = f"only {allowed} is possible" if allowed else "it has to be decided first"
    return Fault(
        f"A new association cannot be {wanted}: {earlier}, so {rest}.",
        code=ErrorCode.ILLEGAL_MOVE,
    )


def decision_fault(seen: Approval, wanted: Approval, own_request: bool) -> Fault | None:
    """Why the newest association of a pair cannot be decided so."""
    if not may_decide_association(seen, wanted):
        return _illegal(f"An association that is {seen} cannot become {wanted}.")
    if own_request and wanted is Approval.APPROVED:
        return Fault(
            "Whoever asked for an association cannot approve it; the other side does.",
            "approval_status",
            ErrorCode.OWN_REQUEST,
        )
    return None


def benchmark_fault(seen: Approval, wanted: Approval) -> Fault | None:
    """Why an admin cannot decide so about a benchmark; staying is no decision."""
    if wanted is seen or may_decide_benchmark(seen, wanted):
        return None
    return _illegal(f"A benchmark that is {seen} cannot become {wanted}.")


def _illegal(message: str) -> Fault:
    return Fault(message, "approval_status", ErrorCode.ILLEGAL_MOVE)
