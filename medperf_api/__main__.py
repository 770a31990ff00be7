"""``medperf-server``: what whoever runs the registry types."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from medperf_api import schema_version, serving
from medperf_api.app import create_app
from medperf_api.contract.local_identity import is_plain_address
from medperf_api.database import Transactions, opened
from medperf_api.errors import Refusal
from medperf_api.identity.authority import local_identity
from medperf_api.identity.keys import UnusableKey
from medperf_api.schema_version import SchemaBehind
from medperf_api.services import users
from medperf_api.settings import Settings
from medperf_api.tls import UnusableCertificate

app = typer.Typer(help="Runs and looks after a registry.", no_args_is_help=True)
user = typer.Typer(help="Rights that only the operator gives and takes.", no_args_is_help=True)
token = typer.Typer(help="Tokens of the local identity.", no_args_is_help=True)
app.add_typer(user, name="user")
app.add_typer(token, name="token")

Email = Annotated[str, typer.Argument(metavar="EMAIL")]


class Refused(Exception):
    """A command that cannot be done as asked."""


REFUSALS = (
    Refused,
    Refusal,
    SchemaBehind,
    UnusableCertificate,
    UnusableKey,
    serving.CannotListen,
)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key, PEM.")] = None,
    assets: Annotated[Path | None, typer.Option(help="Folder to serve under /assets/.")] = None,
) -> None:
    """Serve the registry. Without settings: SQLite here, and tokens of its own."""
    settings = Settings() if assets is None else Settings(assets=_folder(assets))
    serving.make_ready(settings)
    serving.run(settings, serving.Listener(host, port, workers, tls_cert, tls_key))


@app.command()
def migrate() -> None:
    """Bring the database to the version this server needs."""
    schema_version.upgrade(Settings().database_url)
    typer.echo("The database is up to date.", err=True)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    document = create_app(Settings()).openapi()
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


@user.command("make-admin")
def make_admin(email: Email) -> None:
    """Give the user of this address every right.

    With the local identity also before their first call, because there the address is the name.
    Elsewhere they call once first, for an address alone does not say whose token it will be.
    """
    may_create = Settings().has_local_identity
    if may_create:
        _refuse_bad_address(email)
    _in_database(lambda connection: users.make_admin(connection, email, may_create))
    typer.echo(f"{email} is an admin.", err=True)


@user.command("deactivate")
def deactivate(email: Email) -> None:
    """Refuse every later call of the user of this address."""
    _in_database(lambda connection: users.deactivate(connection, email))
    typer.echo(f"{email} is no longer let in.", err=True)


@token.command("mint")
def mint(email: Email) -> None:
    """Print a token for this address, and keep it where the local client looks."""
    settings = Settings()
    if not settings.has_local_identity:
        raise Refused(
            "This server believes another authority (MEDPERF_AUTH_…); tokens come from there."
        )
    _refuse_bad_address(email)
    typer.echo(local_identity(settings).mint(email))


def _refuse_bad_address(email: str) -> None:
    if not is_plain_address(email):
        raise Refused(f"{email!r} is not an e-mail address.")


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise Refused(f"--assets: {path} is not a folder.")
    return path.resolve()


def _in_database(change: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(Settings().database_url) as engine:
            await schema_version.refuse_unless_current(engine)
            async with Transactions(engine).writing() as connection:
                await change(connection)

    asyncio.run(run())


def main() -> None:
    """Run a command; what cannot be done ends in one sentence and exit code 1."""
    try:
        app()
    except ValidationError as error:
        _stop("; ".join(_without_prefix(details["msg"]) for details in error.errors()))
    except REFUSALS as error:
        _stop(str(error))


def _without_prefix(message: str) -> str:
    return message.removeprefix("Value error, ")


def _stop(reason: str) -> None:
    typer.echo(f"medperf-server: {reason}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
