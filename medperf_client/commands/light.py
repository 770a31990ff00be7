"""Typer's groups and commands, made light: no help page and no absent option loads pydantic."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    # Typer carries its own copy of click and re-exports too little of it to override a method.
    from typer._click.core import Context, Parameter

Function = TypeVar("Function", bound=Callable[..., Any])

SHARED: dict[str, Any] = {
    "rich_markup_mode": None,  # laying help out with Rich takes three times as long as Typer
    "pretty_exceptions_enable": False,
    "no_args_is_help": True,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


class LightGroup(TyperGroup):
    """A group of commands."""

    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """The group's options, --help among them."""
        return _lightened(super().get_params(ctx))


class LightCommand(TyperCommand):
    """A command."""

    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """The command's options, --help among them."""
        return _lightened(super().get_params(ctx))


class LightTyper(typer.Typer):
    """An application whose commands are light."""

    def __init__(self, name: str, **attributes: Any) -> None:
        super().__init__(**{"name": name, "cls": LightGroup, **SHARED, **attributes})

    def add(self, name: str) -> Callable[[Function], Function]:
        """Make a function a command of this name."""
        return self.command(name, cls=LightCommand)


class _OnlyWhatWasGiven:
    """Reads an option's text when there is some; Typer loads pydantic to read even an absence."""

    def coerce(self, value: object, param: Any, ctx: object) -> object:
        if value is None or (isinstance(value, str) and param.type_descriptor.annotation is str):
            return value
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def _lightened(params: "list[Parameter]") -> "list[Parameter]":
    for param in params:
        # Where Typer keeps a reader; the tests of start-up watch that it still looks there.
        param._runtime_param = _OnlyWhatWasGiven()  # type: ignore[attr-defined]
    return params
