"""What the workflows tell people, as an observer; and the one question they ask."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue


class Step(Protocol):
    """One step while it runs. Its methods may be called from any thread."""

    def line(self, text: str) -> None:
        """One line of a container's output: shown as it is, as the step's newest."""

    def progress(self, done: int, total: int | None) -> None:
        """How many bytes of how many are done."""

    def note(self, text: str) -> None:
        """A short remark kept beside the finished step: "already here", "cached"."""


class Reporter(Protocol):
    """Talks to stderr, or to nobody."""

    def step(self, title: str) -> AbstractContextManager[Step]:
        """A step that is running until the context ends; an exception marks it failed."""

    def say(self, text: str) -> None:
        """A sentence for the user."""

    def warn(self, text: str) -> None:
        """A sentence the user should not overlook."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that would leave this machine, exactly as it would."""

    title: str  # "Registration of a dataset"
    question: str  # "Send this to the server?"
    body: JsonValue
    notes: tuple[str, ...] = ()  # what else is good to know before answering


class Consent(Protocol):
    """The user's word on what leaves."""

    def require(self, proposal: Proposal) -> None:
        """Show and ask. Raises: Declined; UsageFault where nobody can be asked."""
