"""Who the user is to a profile's server: a stored login, or the token a local server left."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from medperf_api.contract.local_identity import token_path
from medperf_client.adapters.tokens import read_token
from medperf_client.errors import NotLoggedIn, UsageFault
from medperf_client.ports.tokens import Login, TokenStore
from medperf_client.settings.profile import Profile


class Logins:
    """The login of one profile, looked up when it is needed and refused once it has expired."""

    def __init__(
        self, profile: Profile, store: TokenStore, local_folder: Path, now: Callable[[], datetime]
    ) -> None:
        self._profile = profile
        self._store = store
        self._folder = local_folder
        self._now = now

    def current(self) -> Login:
        """The login to use. Raises: NotLoggedIn, also once it has expired."""
        login = self._store.login(self._profile.name) or self._local_default()
        if login is None:
            raise NotLoggedIn(
                f"You are not logged in with the profile {self._profile.name!r}.",
                hint=f"Run `{self._command()}`.",
            )
        if login.expires_at is not None and login.expires_at <= self._now():
            raise NotLoggedIn(
                f"The login of {login.email} expired at {login.expires_at:%Y-%m-%d %H:%M} UTC.",
                hint=self._renewal(login.email),
            )
        return login

    def take_local(self, email: str) -> Login:
        """Log in with the token a local server left for ``email``. Raises: NotLoggedIn."""
        login = self._local(email)
        if login is None:
            raise NotLoggedIn(
                f"The local server has no token for {email}: nothing is in {self._folder}.",
                hint=f"Run `medperf-server token mint {email}` where the server runs.",
            )
        self._store.keep(self._profile.name, login)
        return login

    def take(self, token: str) -> Login:
        """Log in with a token from elsewhere. Raises: BadData, when it is none."""
        login = read_token(token, email="somebody unnamed")
        self._store.keep(self._profile.name, login)
        return login

    def leave(self) -> bool:
        """Forget the stored login; whether there was one."""
        return self._store.forget(self._profile.name)

    def _local_default(self) -> Login | None:
        if self._profile.identity != "local" or self._profile.email is None:
            return None
        login = self._local(self._profile.email)
        if login is None:
            raise NotLoggedIn(
                f"The local server has left no token for {self._profile.email}.",
                hint="Start it with `medperf-server serve`, or run "
                f"`medperf-server token mint {self._profile.email}`.",
            )
        return login

    def _local(self, email: str) -> Login | None:
        try:
            text = token_path(self._folder, email).read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise UsageFault(str(error)) from error
        except OSError as error:
            raise NotLoggedIn(
                f"The token of {email} cannot be read: {error.strerror}.",
                hint="A local server's tokens belong to the user who runs it.",
            ) from error
        return read_token(text, email=email)

    def _command(self) -> str:
        is_local = self._profile.identity == "local"
        return "medperf auth login --email EMAIL" if is_local else "medperf auth login"

    def _renewal(self, email: str) -> str:
        if self._profile.identity == "local":
            return f"Run `medperf-server token mint {email}`, then `medperf auth login -e {email}`."
        return "Run `medperf auth login`."
