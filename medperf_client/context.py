"""What one command line works with, each part made when it is first asked for."""

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from medperf_client.errors import UsageFault
from medperf_client.output.log import show_log
from medperf_client.output.show import Show
from medperf_client.settings.config_file import Config, load_config, save_config
from medperf_client.settings.locations import Locations, find_locations, server_folder
from medperf_client.settings.options import GlobalOptions
from medperf_client.settings.profile import Profile

if TYPE_CHECKING:
    from medperf_client.adapters.http_exchange import Exchange
    from medperf_client.adapters.logins import Logins
    from medperf_client.ports.assets import AssetSource
    from medperf_client.ports.bundle import RunSettings
    from medperf_client.ports.engine import ContainerEngine
    from medperf_client.ports.registry import Registry
    from medperf_client.ports.reporter import Consent, Reporter
    from medperf_client.ports.tokens import TokenStore
    from medperf_client.ports.workspace import Files, Workspace


class Client:
    """One command line: its options, its profile, and the ports its work goes through."""

    def __init__(
        self,
        options: GlobalOptions,
        locations: Locations,
        environment: Mapping[str, str],
        yes: bool,
        open_network: bool = False,
        offline: bool = False,
    ) -> None:
        self.options = options
        self.locations = locations
        self.show = Show(options.json)
        self.ports = LazyPorts(self, environment, yes, open_network, offline)

    @classmethod
    def from_environment(
        cls,
        options: GlobalOptions,
        *,
        yes: bool = False,
        open_network: bool = False,
        offline: bool = False,
    ) -> "Client":
        """The client of this process. Raises: UsageFault."""
        show_log(options.loglevel)
        return cls(options, find_locations(os.environ), os.environ, yes, open_network, offline)

    @cached_property
    def config(self) -> Config:
        """All profiles. Raises: BadData."""
        return load_config(self.locations.config_file)

    @cached_property
    def profile(self) -> Profile:
        """The profile in use, with this command line's own options over it."""
        return self.config.profile(self.options.profile).changed(self.options.overrides)

    @cached_property
    def logins(self) -> "Logins":
        """Who the user is to this profile's server."""
        from medperf_client.adapters.logins import Logins

        return Logins(self.profile, self._tokens, self.locations.local_identity, self.ports.now)

    def forget_login(self, profile: str) -> None:
        """Forget the stored login of any profile."""
        self._tokens.forget(profile)

    @cached_property
    def _tokens(self) -> "TokenStore":
        from medperf_client.adapters.tokens import FileTokens

        return FileTokens(self.locations.token_file)

    @property
    def storages(self) -> frozenset[Path]:
        """Every folder in which some profile keeps, or kept, what was registered."""
        profiles = (self.config.profile(name).storage for name in self.config.names)
        usual = (self.locations.storage, find_locations({}).storage)
        return frozenset((*usual, *(storage for storage in profiles if storage)))

    @property
    def sent(self) -> list[str]:
        """What the server took from this command line so far."""
        return self.ports.sent

    def save_config(self, config: Config) -> None:
        """Write the profiles. Raises: BadData."""
        save_config(self.locations.config_file, config)

    def close(self) -> None:
        """Give back what is held."""
        self.ports.close()


class LazyPorts:
    """The ``Ports`` of a client: a listing looks for no engine, and --help for nothing."""

    def __init__(
        self,
        client: Client,
        environment: Mapping[str, str],
        yes: bool,
        open_network: bool,
        offline: bool,
    ) -> None:
        self._client = client
        self._environment = environment
        self._yes = yes
        self._open_network = open_network
        self._offline = offline
        self._closing = ExitStack()

    @property
    def _profile(self) -> Profile:
        return self._client.profile

    @cached_property
    def _exchange(self) -> "Exchange":
        from medperf_client.adapters.http_exchange import Exchange

        return Exchange(
            self._profile.require_server(),
            lambda: self._client.logins.current().token,
            certificate=self._profile.certificate,
        )

    @cached_property
    def registry(self) -> "Registry":
        """The profile's server. Raises: UsageFault, where this command may not ask it."""
        if self._offline:
            raise UsageFault("This needs the server, and --offline asks none.")
        from medperf_client.adapters.http_registry import HttpRegistry

        return HttpRegistry(self._exchange)

    @cached_property
    def engine(self) -> "ContainerEngine":
        """The engine of the Docker API that this machine has."""
        from medperf_client.adapters.docker_engine import DockerEngine

        engine = DockerEngine(open_network=self._open_network)
        self._closing.callback(engine.close)
        return engine

    @cached_property
    def workspace(self) -> "Workspace":
        """This server's part of the storage."""
        from medperf_client.adapters.workspace import LocalWorkspace

        return LocalWorkspace(self._storage / server_folder(self._profile.require_server()))

    @property
    def _storage(self) -> Path:
        locations = self._client.locations
        moved = None if locations.storage_is_set else self._profile.storage
        return moved or locations.storage

    @cached_property
    def files(self) -> "Files":
        """Files that others wrote."""
        from medperf_client.adapters.files import LocalFiles

        return LocalFiles()

    @cached_property
    def assets(self) -> "AssetSource":
        """Where cubes' files come from."""
        from medperf_client.adapters.assets import Assets

        return Assets(certificate=self._profile.certificate, web=not self._offline)

    @cached_property
    def reporter(self) -> "Reporter":
        """Live at a terminal; one line a step elsewhere."""
        quiet = self._client.options.quiet
        watched = sys.stderr.isatty() and self._environment.get("TERM") != "dumb"
        if quiet or not watched:
            from medperf_client.output.plain_reporter import PlainReporter

            return PlainReporter(quiet=quiet)
        from medperf_client.output.rich_reporter import RichReporter

        return RichReporter()

    @cached_property
    def consent(self) -> "Consent":
        """The user's word on what leaves."""
        from medperf_client.output.prompts import TerminalConsent

        options = self._client.options
        return TerminalConsent(yes=self._yes, may_ask=not options.json, quiet=options.quiet)

    @cached_property
    def runs(self) -> "RunSettings":
        """How containers run for this command."""
        return self._profile.runs()

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)

    @property
    def sent(self) -> list[str]:
        """What the server took so far."""
        return self._exchange.sent if "_exchange" in self.__dict__ else []

    def close(self) -> None:
        """Close the connections that were made."""
        if "_exchange" in self.__dict__:
            self._exchange.close()
        self._closing.close()
