"""The question before anything leaves: the whole of what would, and a plain yes or no."""

import sys

from medperf_client.errors import Declined, UsageFault
from medperf_client.output.documents import yaml_text
from medperf_client.output.text import one_line
from medperf_client.ports.reporter import Proposal

NOTHING_SENT = "Nothing was sent."
_ANSWERS = {"": True, "y": True, "yes": True, "n": False, "no": False}


class TerminalConsent:
    """A ``Consent`` that asks on stderr and reads stdin, where both are a person's terminal."""

    def __init__(self, *, yes: bool = False, may_ask: bool = True, quiet: bool = False) -> None:
        self._yes = yes
        self._may_ask = may_ask
        self._quiet = quiet

    def require(self, proposal: Proposal) -> None:
        """Show and ask. Raises: Declined; UsageFault where nobody can be asked."""
        if not (self._yes and self._quiet):
            _say(_shown(proposal))
        if self._yes:
            return
        if not (self._may_ask and sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageFault(
                "Sending this needs a yes, and there is nobody to ask.",
                hint="Give it beforehand with --yes, or run the command at a terminal "
                "without --json.",
            )
        if not self._ask(proposal.question):
            raise Declined(NOTHING_SENT)

    def _ask(self, question: str) -> bool:
        _forget_what_was_typed_before()
        while True:
            sys.stderr.write(f"{question} [Y/n] ")
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:  # Ctrl+D
                _say("")
                return False
            answer = _ANSWERS.get(line.strip().lower())
            if answer is not None:
                return answer
            _say("Please answer y or n.")


def _forget_what_was_typed_before() -> None:
    """An Enter pressed while a model ran is no yes to what nobody had seen yet."""
    try:
        import termios
    except ImportError:  # a system without POSIX terminals
        return
    termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _shown(proposal: Proposal) -> str:
    title = one_line(proposal.title)
    body = "\n".join(f"  {line}" for line in yaml_text(proposal.body).split("\n"))
    notes = "".join(f"\n{one_line(note)}" for note in proposal.notes)
    return f"\n{title}\n{'-' * min(len(title), 79)}\n{body}{notes}\n"


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
