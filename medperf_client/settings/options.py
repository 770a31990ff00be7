"""The options before the command, as they were given. Imports next to nothing: --help needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """One command's global options. ``overrides`` are profile settings, as text, by their key."""

    profile: str | None = None
    json: bool = False
    quiet: bool = False
    loglevel: str = "warning"
    overrides: Mapping[str, str] = field(default_factory=dict)
