"""`medperf auth`: who you are to the server of a profile."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group

if TYPE_CHECKING:
    from pydantic import JsonValue

    from medperf_client.context import Client
    from medperf_client.ports.tokens import Login

app = group("auth")


@app.add("login")
def login(
    context: typer.Context,
    email: Annotated[
        str | None,
        typer.Option(
            "--email", "-e", metavar="EMAIL", help="Whose token of the local server to take."
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", metavar="FILE", help="Take the token in a file (-: stdin)."),
    ] = None,
) -> None:
    """Log in to the profile's server."""
    client = current(context)
    taken = _taken(client, email, token_file)
    client.ports.reporter.say(f"Logged in to profile {client.profile.name} as {taken.email}.")
    client.show.document(_document(client, taken))


@app.add("logout")
def logout(context: typer.Context) -> None:
    """Forget the stored login of the profile."""
    client = current(context)
    forgotten = client.logins.leave()
    client.ports.reporter.say(
        f"The login of profile {client.profile.name} is forgotten."
        if forgotten
        else f"No login of profile {client.profile.name} was stored."
    )
    client.show.document({"profile": client.profile.name, "forgotten": forgotten})


@app.add("status")
def status(context: typer.Context) -> None:
    """Show who you are to the server, and until when. Asks nobody."""
    client = current(context)
    client.show.record(_document(client, client.logins.current()))


def _taken(client: "Client", email: str | None, token_file: Path | None) -> "Login":
    if token_file is not None:
        return client.logins.take(_token(token_file))
    if client.profile.identity != "local":
        raise work.UsageFault(
            "Logging in with an identity provider is not part of this version.",
            hint="Get a token from the provider and give it with --token-file FILE "
            "(or - for stdin).",
        )
    wanted = email or client.profile.email
    if wanted is None:
        raise work.UsageFault("Whose login?", hint="Give --email EMAIL.")
    return client.logins.take_local(wanted)


def _token(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise work.UsageFault(f"{file} cannot be read as a token.") from error


def _document(client: "Client", login: "Login") -> "dict[str, JsonValue]":
    return {
        "profile": client.profile.name,
        "server": client.profile.server,
        "email": login.email,
        "expires_at": f"{login.expires_at:%Y-%m-%dT%H:%M:%SZ}" if login.expires_at else None,
    }
