"""The groups of commands by name, and a group that loads each only when somebody names it."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer

from medperf_client.commands.light import LightGroup, LightTyper

if TYPE_CHECKING:
    from typer._click.core import Command, Context
    from typer._click.formatting import HelpFormatter


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a group or a command lives, and what the help says of it without loading it."""

    module: str
    help: str
    hidden: bool = False


ENTRIES: Mapping[str, Entry] = {
    "auth": Entry("auth", "Log in and out, and see who you are to the server."),
    "profile": Entry("profile", "Servers, identities and limits, kept under a name."),
    "benchmark": Entry("benchmark", "List benchmarks and run their models on your data."),
    "container": Entry("container", "Make, try and register containers (also: mlcube)."),
    "mlcube": Entry("container", "The same as container.", hidden=True),
    "test": Entry("test", "Try whether containers work together."),
    "dataset": Entry("dataset", "Register your data, prepare it and offer it to benchmarks."),
    "association": Entry("association", "Who asked to join which benchmark, and decisions."),
    "run": Entry("run", "Run one model on your data and submit its result."),
    "result": Entry("result", "List, view, create and submit results."),
}


def group(name: str) -> LightTyper:
    """An empty group with its help; the commands of its module fill it."""
    return LightTyper(name, help=ENTRIES[name].help, add_completion=False)


class LazyGroup(LightGroup):
    """A group whose members are known by ``ENTRIES`` and loaded when somebody names one."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # Typer looks for similar names among the keys of this; the values stay unused.
        self.commands = dict.fromkeys(ENTRIES)  # type: ignore[assignment]  # see get_command

    def list_commands(self, ctx: "Context") -> list[str]:
        """The names to show."""
        return [name for name, entry in ENTRIES.items() if not entry.hidden]

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        """The group or command of that name, loaded now."""
        entry = ENTRIES.get(cmd_name)
        if entry is None:
            return None
        module = import_module(f"medperf_client.commands.{entry.module}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, ENTRIES[name].help) for name in self.list_commands(ctx)])
