"""`medperf profile`: servers, identities and limits under a name."""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client.commands import setting_options as to
from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group
from medperf_client.output.column import Column, Table

if TYPE_CHECKING:
    from pydantic import JsonValue

    from medperf_client.context import Client
    from medperf_client.settings.profile import Profile

app = group("profile")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
Name = Annotated[str, typer.Argument(metavar="NAME", help="A profile.")]


def _document(profile: "Profile", active: bool) -> "dict[str, JsonValue]":
    values = {
        key: value if isinstance(value, int | float | None) else str(value)
        for key, value in asdict(profile).items()
    }
    return {**values, "active": active}


@app.add("ls")
def ls(context: typer.Context) -> None:
    """List profiles."""
    client = current(context)
    profiles = [client.config.profile(name) for name in client.config.names]
    columns: tuple[Column[Profile], ...] = (
        Column("Name", lambda profile: profile.name),
        Column("Active", lambda profile: profile.name == client.config.active),
        Column("Server", lambda profile: profile.server),
        Column("Identity", lambda profile: profile.identity),
        Column("Email", lambda profile: profile.email),
    )
    client.show.table(
        Table(profiles, columns),
        document=[_document(profile, profile.name == client.config.active) for profile in profiles],
    )


@app.add("view")
def view(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A profile; the one in use without.")
    ] = None,
) -> None:
    """Show a profile's settings. Sizes are bytes, timeouts seconds."""
    client = current(context)
    profile = client.profile if name is None else client.config.profile(name)
    client.show.record(_document(profile, profile.name == client.config.active))


@app.add("activate")
def activate(context: typer.Context, name: Name) -> None:
    """Use a profile from now on."""
    client = current(context)
    client.save_config(client.config.activated(name))
    client.ports.reporter.say(f"Profile {name} is active.")


@app.add("create")
def create(
    context: typer.Context,
    name: Annotated[str, typer.Option("--name", "-n", metavar="NAME", help="A new name.")],
) -> None:
    """Make a profile; give it a server with `medperf --profile NAME profile set`."""
    client = current(context)
    if not _NAME.fullmatch(name):
        raise work.UsageFault(
            f"{name!r} cannot be a profile's name.",
            hint="Use letters, digits, dots, dashes and underscores; at most 64.",
        )
    if name in client.config.names:
        raise work.UsageFault(f"There is a profile {name!r} already.")
    client.save_config(client.config.with_profile(name, {}))
    client.show.made(name, _document(client.config.with_profile(name, {}).profile(name), False))


@app.add("set")
def set_(
    context: typer.Context,
    server: to.Server = None,
    identity: to.Identity = None,
    email: to.Email = None,
    issuer: to.Issuer = None,
    client_id: to.ClientId = None,
    audience: to.Audience = None,
    certificate: to.Certificate = None,
    storage: to.Storage = None,
    platform: to.Platform = None,
    gpus: to.Gpus = None,
    shm_size: to.ShmSize = None,
    container_loglevel: to.ContainerLoglevel = None,
    prepare_timeout: to.PrepareTimeout = None,
    sanity_check_timeout: to.SanityCheckTimeout = None,
    statistics_timeout: to.StatisticsTimeout = None,
    infer_timeout: to.InferTimeout = None,
    evaluate_timeout: to.EvaluateTimeout = None,
    memory: to.Memory = None,
    cpus: to.Cpus = None,
    pids: to.Pids = None,
    tmp_size: to.TmpSize = None,
    log_size: to.LogSize = None,
    output_size: to.OutputSize = None,
    output_files: to.OutputFiles = None,
) -> None:
    """Change settings of the profile in use. Empty text takes one back."""
    client = current(context)
    name = client.options.profile or client.config.active
    client.config.profile(name)
    texts = {key: text for key, text in context.params.items() if text is not None}
    if not texts:
        raise work.UsageFault("Nothing to set was given.", hint="See medperf profile set --help.")
    changed = client.config.with_profile(name, texts)
    profile = changed.profile(name)
    client.save_config(changed)
    _warn_of_plain_http(client, profile)
    client.ports.reporter.say(f"Profile {name} is changed.")
    client.show.document(_document(profile, name == changed.active))


@app.add("delete")
def delete(context: typer.Context, name: Name) -> None:
    """Delete a profile and its login."""
    client = current(context)
    client.config.profile(name)
    if name in client.config.shipped:
        raise work.UsageFault(f"The profile {name!r} is always there; it cannot be deleted.")
    if name == client.config.active:
        raise work.UsageFault(
            f"The profile {name!r} is active.",
            hint="Activate another first: medperf profile activate local.",
        )
    client.forget_login(name)
    client.save_config(client.config.without_profile(name))
    client.ports.reporter.say(f"Profile {name} is deleted.")


def _warn_of_plain_http(client: "Client", profile: "Profile") -> None:
    if profile.is_readable_on_the_way:
        client.ports.reporter.warn(
            f"{profile.server} is plain http: your login and what you send can be read on the way."
        )
