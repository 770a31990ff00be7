"""The question before anything leaves, asked at a real terminal."""

import os
import pty
import subprocess
import sys
import time

import pytest

from medperf_client.errors import UsageFault
from medperf_client.output.prompts import TerminalConsent
from medperf_client.ports.reporter import Proposal

PROPOSAL = Proposal(
    title="Registration of a dataset",
    question="Send this to the server?",
    body={"name": "mytestdata", "numbers": [1, 2], "evil": "\x1b[2J\u202e"},
    notes=("The data itself stays here.",),
)

_ASK = """
import sys, time
from medperf_client.errors import Declined
from medperf_client.output.prompts import TerminalConsent
from tests.output.test_prompts import PROPOSAL
print("running", flush=True)
time.sleep(float(sys.argv[1]))
try:
    TerminalConsent().require(PROPOSAL)
    print("sent")
except Declined as said:
    print(said.message)
"""


def at_a_terminal(*typed: bytes, early: bytes = b"") -> str:
    """What a person sees who types ``typed`` at the question, and ``early`` long before it."""
    ours, theirs = pty.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-c", _ASK, "0.4" if early else "0"],
        stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
    )  # fmt: skip
    os.close(theirs)
    seen = _until(ours, b"running")
    if early:
        os.write(ours, early)
    for keys in typed:
        seen += _until(ours, b"[Y/n] ")
        os.write(ours, keys)
    seen += _until(ours, None)
    asking.wait(timeout=10)
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


def _until(terminal: int, wanted: bytes | None) -> bytes:
    """What the terminal shows until ``wanted``, or until its other side is closed."""
    seen = b""
    deadline = time.monotonic() + 20
    while wanted is None or wanted not in seen:
        assert time.monotonic() < deadline, seen
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        if not more:
            break
        seen += more
    assert wanted is None or wanted in seen, seen
    return seen


@pytest.mark.parametrize("answer", [b"\n", b"y\n", b"YES\n"])
def test_a_yes_sends(answer: bytes) -> None:
    assert at_a_terminal(answer).endswith("\nsent\n")


@pytest.mark.parametrize("answer", [b"n\n", b"No\n", b"\x04"])
def test_a_no_sends_nothing(answer: bytes) -> None:
    assert at_a_terminal(answer).endswith("\nNothing was sent.\n")


def test_anything_else_is_asked_again() -> None:
    seen = at_a_terminal(b"maybe\n", b"n\n")

    assert "Please answer y or n." in seen
    assert seen.endswith("\nNothing was sent.\n")


def test_an_enter_pressed_before_the_question_is_no_answer() -> None:
    assert at_a_terminal(b"n\n", early=b"\n").endswith("\nNothing was sent.\n")


def test_all_that_would_be_sent_is_shown_and_none_of_it_can_move_the_cursor() -> None:
    seen = at_a_terminal(b"n\n")

    for part in ("Registration of a dataset", "name: mytestdata", "- 2", "The data itself stays"):
        assert part in seen
    assert not set("\x1b\u202e") & set(seen)


def test_without_a_terminal_nobody_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageFault, match="nobody to ask") as caught:
        TerminalConsent().require(PROPOSAL)

    assert "--yes" in caught.value.hint
    assert "name: mytestdata" in capsys.readouterr().err


def test_a_yes_given_beforehand_still_shows_what_is_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    TerminalConsent(yes=True).require(PROPOSAL)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "name: mytestdata" in captured.err
