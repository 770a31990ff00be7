"""From a command line's context to the client that serves it, made when a command runs."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from medperf_client.settings.options import GlobalOptions

if TYPE_CHECKING:
    from medperf_client.context import Client


@dataclass(slots=True)
class Session:
    """One command line on its way: what was asked before the command, and the client it made."""

    options: GlobalOptions = field(default_factory=GlobalOptions)
    client: "Client | None" = None


def current(
    context: typer.Context, *, yes: bool = False, open_network: bool = False, offline: bool = False
) -> "Client":
    """The client of this command line; ``yes`` answers its questions beforehand.

    ``open_network`` gives its containers a network: for the trial of an author's own container.
    ``offline`` keeps it from asking the registry and any web server.
    """
    # Whoever only asks for help does not pay for it.
    from medperf_client.context import Client

    session = context.ensure_object(Session)
    session.client = Client.from_environment(session.options, yes=yes, open_network=open_network)
    context.call_on_close(session.client.close)
    return session.client
