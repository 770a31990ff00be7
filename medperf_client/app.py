"""The `medperf` command: global options, and the one place where errors become exit codes."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client import __version__
from medperf_client.commands import setting_options as to
from medperf_client.commands.current import Session
from medperf_client.commands.groups import LazyGroup
from medperf_client.commands.light import LightTyper
from medperf_client.settings.options import GlobalOptions

if TYPE_CHECKING:
    from typer._click.core import Command

NAME = "medperf"
_COMPLETION = "_MEDPERF_COMPLETE"

_EPILOG = """\b
Exit codes:
  0  done                      5  a container failed
  1  unexpected failure        6  bad data, or a hash differs
  2  usage                     7  cancelled
  3  refused by the server     8  not logged in
  4  server unreachable
"""

app = LightTyper(NAME, cls=LazyGroup, epilog=_EPILOG)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{NAME} {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and exit."
        ),
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Use this profile for this command."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document; never prompt.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, only warnings.")] = False,
    loglevel: Annotated[
        str, typer.Option("--loglevel", metavar="LEVEL", help="debug, info, warning or error.")
    ] = "warning",
    platform: to.Platform = None,
    gpus: to.Gpus = None,
    shm_size: to.ShmSize = None,
    container_loglevel: to.ContainerLoglevel = None,
    certificate: to.Certificate = None,
    prepare_timeout: to.PrepareTimeout = None,
    sanity_check_timeout: to.SanityCheckTimeout = None,
    statistics_timeout: to.StatisticsTimeout = None,
    infer_timeout: to.InferTimeout = None,
    evaluate_timeout: to.EvaluateTimeout = None,
) -> None:
    """Evaluate medical AI where the data is; only results you approve leave."""
    overrides = {
        "platform": platform,
        "gpus": gpus,
        "shm_size": shm_size,
        "container_loglevel": container_loglevel,
        "certificate": certificate,
        "prepare_timeout": prepare_timeout,
        "sanity_check_timeout": sanity_check_timeout,
        "statistics_timeout": statistics_timeout,
        "infer_timeout": infer_timeout,
        "evaluate_timeout": evaluate_timeout,
    }
    context.ensure_object(Session).options = GlobalOptions(
        profile=profile,
        json=as_json,
        quiet=quiet,
        loglevel=loglevel.lower(),
        overrides={key: text for key, text in overrides.items() if text is not None},
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = typer.main.get_command(app)
    if _COMPLETION in os.environ:
        command.main(prog_name=NAME)  # answers the shell and exits
    # Starting makes many objects and no garbage to speak of.
    gc.set_threshold(50_000)
    # Looking for plugins of pydantic reads the description of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    _never_fail_at_printing()
    with _asked_to_end_as_if_by_hand():
        return _run(command, arguments)


def _run(command: "Command", arguments: list[str]) -> int:
    session = Session()
    try:
        with command.make_context(NAME, list(arguments), obj=session) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as end:
        return end.exit_code
    except BrokenPipeError:
        # Whoever reads our output has seen enough; Python would complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as fault:
        from medperf_client.output.failure import report

        sent = session.client.sent if session.client else []
        return report(fault, session.options, sent, as_json="--json" in arguments)
    return 0


@contextmanager
def _asked_to_end_as_if_by_hand() -> Iterator[None]:
    """SIGTERM does what Ctrl+C does, so that containers are removed either way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _never_fail_at_printing() -> None:
    """A terminal without UTF-8 shows escapes for what it cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
