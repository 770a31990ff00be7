"""The check of a bearer token, in one place."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt

from medperf_api.contract.base import NAME_LENGTH
from medperf_api.errors import NotAuthenticated
from medperf_api.identity.keys import KeySource

ALGORITHM = "RS256"
REQUIRED_CLAIMS = ("exp", "iat", "iss", "aud", "sub")
MAX_TOKEN_LENGTH = 16_384

# How many tokens are known without checking their signature again, and for how long: a key that its
# provider withdrew counts no longer than that.
KNOWN_TOKENS = 10_000
KNOWN_FOR_S = 300.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token says it is for."""

    username: str
    email: str


class TokenCheck:
    """Checks signature, issuer, audience and times against one authority.

    A token that was good is known for a while by its digest: verifying costs as much as the rest of
    a short request. Whether its user is active is looked up with every request, elsewhere.
    """

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str,
        audience: str,
        email_claim: str,
        leeway_s: int = 0,
        clock: Callable[[], float] = time.time,
        known: int = KNOWN_TOKENS,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._email_claim = email_claim
        self._leeway_s = leeway_s
        self._clock = clock
        self._most = known
        self._known: OrderedDict[bytes, tuple[Identity, float]] = OrderedDict()

    async def identify(self, token: str) -> Identity:
        """Whose token it is. Raises: NotAuthenticated, without a reason."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise NotAuthenticated()
        digest = sha256(token.encode()).digest()
        identity, until = self._known.get(digest, (None, 0.0))
        if identity is not None and self._clock() < until:
            return identity
        claims = await self._verified(token)
        identity = Identity(_text(claims.get("sub")), _text(claims.get(self._email_claim)))
        self._remember(digest, identity, int(claims["exp"]))
        return identity

    def _remember(self, digest: bytes, identity: Identity, expires: int) -> None:
        until = min(expires + self._leeway_s, self._clock() + KNOWN_FOR_S)
        self._known[digest] = (identity, until)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    async def _verified(self, token: str) -> dict[str, Any]:
        """The claims of a token that counts."""
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = await self._keys.key_for(key_id)
            if key is None:
                raise NotAuthenticated()
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                leeway=self._leeway_s,
                options={"require": list(REQUIRED_CLAIMS)},
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise NotAuthenticated() from error


def _text(claim: object) -> str:
    if not isinstance(claim, str):
        raise NotAuthenticated()
    claim = claim.strip()
    if not claim or len(claim) > NAME_LENGTH or "\x00" in claim:
        raise NotAuthenticated()
    return claim
