"""Who the user is to a server, kept between commands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Login:
    """A token and what it says about its bearer."""

    email: str
    token: str
    expires_at: datetime | None


class TokenStore(Protocol):
    """Tokens of each profile."""

    def login(self, profile: str) -> Login | None:
        """The login of a profile, if there is one."""

    def keep(self, profile: str, login: Login) -> None:
        """Keep a login, replacing the one before."""

    def forget(self, profile: str) -> bool:
        """Forget a login; whether there was one."""
