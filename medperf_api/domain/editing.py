"""What may still change of an object that is in operation."""

from collections.abc import Iterator, Mapping, Set

from medperf_api.contract.errors import ErrorCode
from medperf_api.errors import Fault


def differences(current: Mapping[str, object], named: Mapping[str, object]) -> dict[str, object]:
    """The named fields whose value is another than the current one."""
    return {name: value for name, value in named.items() if not _same(current[name], value)}


def frozen_faults(changes: Mapping[str, object], editable: Set[str]) -> Iterator[Fault]:
    """One fault for each change that an object in operation does not allow."""
    for name in changes:
        if name not in editable:
            yield Fault(
                "This cannot be changed once the object is in operation; register a new one.",
                name,
                ErrorCode.NOT_EDITABLE,
            )


def _same(one: object, other: object) -> bool:
    """Equality as JSON has it, where true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other
