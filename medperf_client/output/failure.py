"""A failure, told: what happened and why, what to do next, and whether anything left.

People read it on stderr. With ``--json`` a program finds the same on stdout, as one document
``{"error": {"code", "exit_code", "message", "hint", "left", …}}``.
"""

import shutil
import sys
import textwrap
import traceback
from collections.abc import Sequence

import typer
from pydantic import JsonValue
from typer.exceptions import TyperException

from medperf_client.errors import (
    NOTHING_LEFT,
    Cancelled,
    ContainerFailed,
    Declined,
    ExitCode,
    MedperfError,
    Refused,
    UsageFault,
)
from medperf_client.output.documents import json_text
from medperf_client.output.text import one_line
from medperf_client.settings.options import GlobalOptions

_WIDEST = 100


def report(
    fault: BaseException, options: GlobalOptions, sent: Sequence[str], *, as_json: bool
) -> int:
    """Tell about ``fault`` and return the exit code. ``sent`` is what the server took before it."""
    if isinstance(fault, TyperException) and not as_json:
        return _usage(fault)
    failure = _in_our_words(fault)
    left = _left(failure, sent)
    if failure is not fault and failure.exit_code is ExitCode.UNEXPECTED:
        _trace(fault, options)
    if as_json:
        sys.stdout.write(json_text({"error": _document(failure, left)}) + "\n")
    _tell(failure, left)
    return int(failure.exit_code)


def _usage(fault: TyperException) -> int:
    """Typer's own words about a command line it cannot read."""
    show = getattr(fault, "show", None)
    if show is None:
        typer.echo(f"Error: {fault.format_message()}", err=True)
    else:
        show()
    return int(ExitCode.USAGE)


def _in_our_words(fault: BaseException) -> MedperfError:
    if isinstance(fault, MedperfError):
        return fault
    if isinstance(fault, TyperException):
        return UsageFault(fault.format_message())
    if isinstance(fault, KeyboardInterrupt):
        return Cancelled(
            "Cancelled. Nothing is half-written.", hint="Run the command again to go on."
        )
    return MedperfError(
        f"Something went wrong that medperf did not expect ({type(fault).__name__}).",
        hint="`medperf --loglevel debug …` shows where. Please report it with that output.",
    )


def _left(failure: MedperfError, sent: Sequence[str]) -> str:
    """Whether anything left: the failure's own word, unless something had been sent before it."""
    if not sent:
        return failure.left
    before = f"Before this, the server took the request to {', and to '.join(sent)}."
    return before if failure.left == NOTHING_LEFT else f"{failure.left} {before}"


def _document(failure: MedperfError, left: str) -> dict[str, JsonValue]:
    document: dict[str, JsonValue] = {
        "code": failure.exit_code.name.lower(),
        "exit_code": int(failure.exit_code),
        "message": failure.message,
        "hint": failure.hint,
        "left": left,
    }
    if isinstance(failure, ContainerFailed):
        document["cause"] = str(failure.cause)
        document["last_lines"] = list(failure.last_lines)
    if isinstance(failure, Refused) and failure.problem is not None:
        document["status"] = failure.status
        document["problem"] = failure.problem.model_dump(mode="json")
    return document


def _tell(failure: MedperfError, left: str) -> None:
    if isinstance(failure, Declined):
        typer.echo(one_line(failure.message), err=True)
        return
    label = typer.style("Error:", fg="red", bold=True)
    typer.echo(f"{label} {_wrapped(failure.message, len('Error: '))}", err=True)
    if isinstance(failure, ContainerFailed) and failure.last_lines:
        typer.echo("Its last lines:", err=True)
        for line in failure.last_lines:
            typer.echo(typer.style(f"  | {one_line(line)}", dim=True), err=True)
    for sentence in (failure.hint, left):
        if sentence:
            typer.echo(_wrapped(sentence), err=True)


def _wrapped(text: str, indent: int = 0) -> str:
    """Broken between words at a terminal; in a log it stays one line."""
    line = one_line(text)
    if not sys.stderr.isatty():
        return line
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.fill(
        line,
        width,
        initial_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    ).lstrip()


def _trace(fault: BaseException, options: GlobalOptions) -> None:
    """Where it happened: to the log without a word of what was being worked on, or to debug."""
    from medperf_client.output.log import keep_trace

    keep_trace(fault)
    if options.loglevel == "debug":
        traceback.print_exception(fault, file=sys.stderr)
