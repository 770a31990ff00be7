"""The check of a bearer token, in one place."""

from dataclasses import dataclass

import jwt

from medperf_api.contract.base import NAME_LENGTH
from medperf_api.errors import NotAuthenticated
from medperf_api.identity.keys import KeySource

ALGORITHM = "RS256"
REQUIRED_CLAIMS = ("exp", "iat", "iss", "aud", "sub")
MAX_TOKEN_LENGTH = 16_384


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token says it is for."""

    username: str
    email: str


class TokenCheck:
    """Checks signature, issuer, audience and times against one authority."""

    def __init__(
        self, keys: KeySource, *, issuer: str, audience: str, email_claim: str, leeway_s: int = 0
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._email_claim = email_claim
        self._leeway_s = leeway_s

    async def identify(self, token: str) -> Identity:
        """Whose token it is. Raises: NotAuthenticated, without a reason."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise NotAuthenticated()
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = await self._keys.key_for(key_id)
            if key is None:
                raise NotAuthenticated()
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                leeway=self._leeway_s,
                options={"require": list(REQUIRED_CLAIMS)},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise NotAuthenticated() from error
        return Identity(_text(claims.get("sub")), _text(claims.get(self._email_claim)))


def _text(claim: object) -> str:
    if not isinstance(claim, str):
        raise NotAuthenticated()
    claim = claim.strip()
    if not claim or len(claim) > NAME_LENGTH or "\x00" in claim:
        raise NotAuthenticated()
    return claim
