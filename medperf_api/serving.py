"""Runs the server: a database at the right version, tokens for tutorials, a socket, workers."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
import uvicorn
from sqlalchemy.engine import make_url
from uvicorn.supervisors import Multiprocess

from medperf_api import logs
from medperf_api.contract.local_identity import TUTORIAL_EMAILS
from medperf_api.database import opened
from medperf_api.identity.authority import local_identity
from medperf_api.schema_version import refuse_unless_current, upgrade
from medperf_api.settings import Settings
from medperf_api.tls import refuse_unless_pair

FACTORY = "medperf_api.app:create_app_from_environment"
BACKLOG = 2_048
GRACE_S = 30
START_TIMEOUT_S = 60.0


class CannotListen(Exception):
    """The address cannot be had."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen, and with how many processes."""

    host: str
    port: int
    workers: int
    tls_cert: Path | None
    tls_key: Path | None


def make_ready(settings: Settings) -> None:
    """Check the database and the local identity. Raises: SchemaBehind.

    A new SQLite file with a local identity is made here, so that trying needs one command.
    """
    if settings.has_local_identity and _is_absent_file(settings.database_url):
        upgrade(settings.database_url)
    asyncio.run(_refuse_unless_current(settings.database_url))
    if settings.has_local_identity:
        _make_local_tokens(settings)


def _is_absent_file(database_url: str) -> bool:
    url = make_url(database_url)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()


async def _refuse_unless_current(database_url: str) -> None:
    async with opened(database_url) as engine:
        await refuse_unless_current(engine)


def _make_local_tokens(settings: Settings) -> None:
    identity = local_identity(settings)
    for email in TUTORIAL_EMAILS:
        identity.ensure(email)
    database = make_url(settings.database_url).render_as_string(hide_password=True)
    typer.echo(
        f"Local identity in {identity.folder}, database {database}.\n"
        "Whoever can read that folder can be anybody: not for production.",
        err=True,
    )


def run(settings: Settings, listener: Listener) -> None:
    """Serve until told to stop. Raises: CannotListen, UnusableCertificate."""
    refuse_unless_pair(listener.tls_cert, listener.tls_key)
    if settings.assets is not None:
        # Workers read their settings themselves.
        os.environ["MEDPERF_ASSETS"] = str(settings.assets)
    config = uvicorn.Config(
        FACTORY,
        factory=True,
        host=listener.host,
        port=listener.port,
        workers=listener.workers,
        ssl_certfile=listener.tls_cert,
        ssl_keyfile=listener.tls_key,
        log_config=logs.CONFIG,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
        # Named always: left out, the environment would decide whom to believe.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )
    listening = _bind(listener)
    address = _address(listener, listening)
    with closing(listening), _metrics(settings):
        _serve(config, listener, listening, address)


def _serve(
    config: uvicorn.Config, listener: Listener, listening: socket.socket, address: str
) -> None:
    try:
        if listener.workers > 1:
            _AnnouncedWorkers(config, [listening], address).run()
        else:
            _AnnouncedServer(config, address).run(sockets=[listening])
    except KeyboardInterrupt:
        pass


@contextmanager
def _metrics(settings: Settings) -> Iterator[None]:
    """Answers Prometheus from this process, with what all workers counted in a shared folder."""
    if settings.metrics_port is None:
        yield
        return
    with TemporaryDirectory() as folder:
        # Before its first import, which reads it; workers inherit it.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        from medperf_api.metrics import exposed

        try:
            stop = exposed(settings.metrics_host, settings.metrics_port)
        except OSError as error:
            raise CannotListen(
                f"Cannot listen on {settings.metrics_host}:{settings.metrics_port}: "
                f"{error.strerror}."
            ) from error
        try:
            yield
        finally:
            stop()


class _AnnouncedServer(uvicorn.Server):
    """Says where it listens once it does: scripts wait for that line."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _announce(self._address)


class _AnnouncedWorkers(Multiprocess):
    """Says where its workers listen once the first of them does."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], address: str) -> None:
        super().__init__(config, sockets)
        self._address = address

    def init_processes(self) -> None:
        super().init_processes()
        if self.processes[0].wait_until_ready(START_TIMEOUT_S, self.should_exit):
            _announce(self._address)


def _bind(listener: Listener) -> socket.socket:
    """A socket that all workers share."""
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((listener.host, listener.port))
    except OSError as error:
        listening.close()
        raise CannotListen(
            f"Cannot listen on {listener.host}:{listener.port}: {error.strerror}."
        ) from error
    listening.set_inheritable(True)
    return listening


def _address(listener: Listener, listening: socket.socket) -> str:
    scheme = "https" if listener.tls_cert else "http"
    host = f"[{listener.host}]" if ":" in listener.host else listener.host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


def _announce(address: str) -> None:
    typer.echo(f"listening on {address}")
