"""Refusals, free of HTTP.

Refusal
├── NotAuthenticated   nobody we know
├── NotPermitted       known, and not allowed
├── NotFound           there is no such object
├── Malformed          the body is no JSON we read, or a header is not what it should be
├── NotJson            the body does not even say that it is JSON
├── Invalid            fields or their combination break a rule
├── Stale              the object is no longer what the caller saw
├── InUse              others refer to what should be deleted
├── KeyReused          the idempotency key belongs to another request
└── Unavailable        the database is too busy, full, read-only or out of reach
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from medperf_api.contract.errors import NON_FIELD, ErrorCode


class Refusal(Exception):
    """A request that is refused, and why."""

    code: ClassVar[ErrorCode] = ErrorCode.UNEXPECTED
    default: ClassVar[str] = "The request was refused."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.default)
        self.detail = detail or self.default


class NotAuthenticated(Refusal):
    """No token, or one that does not count. The text never says which, nor why."""

    code = ErrorCode.NOT_AUTHENTICATED
    default = "A valid access token is needed. Log in, then try again."


class NotPermitted(Refusal):
    """The caller may not do this."""

    code = ErrorCode.NOT_PERMITTED
    default = "You are not allowed to do this. Ask the object's owner, or an admin."


class NotFound(Refusal):
    """There is no such object."""

    code = ErrorCode.NOT_FOUND
    default = "There is no such path, or no object with this number."


class Malformed(Refusal):
    """The body is no JSON, or JSON that is not accepted; or a header has no meaning."""

    code = ErrorCode.MALFORMED
    default = "The body is not valid JSON."


class NotJson(Refusal):
    """The body came as another media type."""

    code = ErrorCode.NOT_ACCEPTED
    default = "The body is not read in this form. Send it as application/json."


class Stale(Refusal):
    """The object is no longer at the version that the caller saw."""

    code = ErrorCode.STALE
    default = "Somebody changed this since you read it. Read it again, then change it."


class InUse(Refusal):
    """Other objects refer to this one."""

    code = ErrorCode.IN_USE
    default = "Other objects refer to this one, so it is not deleted. Delete those first."


class KeyReused(Refusal):
    """An idempotency key stands for one request, and this is another."""

    code = ErrorCode.KEY_REUSED
    default = "This Idempotency-Key came with another request before. Take a new one."


class Unavailable(Refusal):
    """The database cannot do it now; the caller can try again once it can."""

    code = ErrorCode.UNAVAILABLE
    default = "The server is busy. Nothing was changed; try again in a moment."


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule, under the field it belongs to."""

    message: str
    field: str = NON_FIELD
    code: ErrorCode = ErrorCode.INVALID


class Invalid(Refusal):
    """What is wrong with a body, by field."""

    code = ErrorCode.INVALID

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults

    def by_field(self) -> Mapping[str, list[str]]:
        """The messages of each field, in the order they were found."""
        messages: dict[str, list[str]] = {}
        for fault in self.faults:
            messages.setdefault(fault.field, []).append(fault.message)
        return messages

    def shared_code(self) -> ErrorCode:
        """The one code of all faults, or the general one when they differ."""
        codes = {fault.code for fault in self.faults}
        return codes.pop() if len(codes) == 1 else ErrorCode.INVALID


@dataclass(slots=True)
class Faults:
    """Collects what is wrong, so that a caller learns all of it at once."""

    found: list[Fault] = field(default_factory=list)

    def add(
        self, message: str, field: str = NON_FIELD, code: ErrorCode = ErrorCode.INVALID
    ) -> None:
        """Note one more fault."""
        self.found.append(Fault(message, field, code))

    def refuse(self) -> None:
        """Raise what was collected, if anything was."""
        if self.found:
            raise Invalid(*self.found)
