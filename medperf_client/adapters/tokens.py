"""Logins kept in one private file beside the profiles, and what a token says of itself."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medperf_client.errors import BadData
from medperf_client.ports.tokens import Login
from medperf_client.settings.config_file import write_private

EMAIL_CLAIM = "https://medperf.org/email"


def read_token(text: str, *, email: str = "") -> Login:
    """A login from a token, whose signature is the server's business; ``email`` where it says none.

    Raises: BadData, when it is no JWT.
    """
    token = text.strip()
    claims = _claims(token)
    expiry = claims.get("exp")
    return Login(
        email=str(claims.get(EMAIL_CLAIM) or claims.get("email") or email),
        token=token,
        expires_at=datetime.fromtimestamp(expiry, UTC) if isinstance(expiry, int | float) else None,
    )


class FileTokens:
    """A ``TokenStore`` in one JSON file, 0600, replaced as a whole."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def login(self, profile: str) -> Login | None:
        """The login of a profile. Raises: BadData, when the file is not ours."""
        token = self._tokens().get(profile)
        return None if token is None else read_token(token)

    def keep(self, profile: str, login: Login) -> None:
        """Keep a login, replacing the one before."""
        self._write({**self._tokens(), profile: login.token})

    def forget(self, profile: str) -> bool:
        """Forget a login; whether there was one."""
        tokens = dict(self._tokens())
        if tokens.pop(profile, None) is None:
            return False
        self._write(tokens)
        return True

    def _tokens(self) -> Mapping[str, str]:
        try:
            document = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._fault() from error
        if not isinstance(document, dict) or not all(
            isinstance(token, str) for token in document.values()
        ):
            raise self._fault()
        return document

    def _fault(self) -> BadData:
        return BadData(
            f"{self._file} cannot be read as the file of stored logins.",
            hint="Remove it, and log in again.",
        )

    def _write(self, tokens: Mapping[str, str]) -> None:
        write_private(self._file, json.dumps(tokens, indent=2) + "\n")


def _claims(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError) as error:
        raise BadData("This is no token: a JWT has three parts parted by dots.") from error
    if len(parts) != 3 or not isinstance(claims, dict):
        raise BadData("This is no token: a JWT has three parts parted by dots.")
    return claims
