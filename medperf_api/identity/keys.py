"""Keys that tokens are checked with: one that is configured, or a provider's published set."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

REFETCH_AFTER_S = 60.0
FETCH_TIMEOUT_S = 10.0


class UnusableKey(Exception):
    """What was configured is no RSA public key."""


class KeySource(Protocol):
    """Finds the key that a token names."""

    async def key_for(self, key_id: str | None) -> RSAPublicKey | None:
        """The key of this id; None when there is none."""


class OneKey:
    """The one public key an operator configured, whatever id a token names."""

    def __init__(self, key: RSAPublicKey) -> None:
        self._key = key

    @classmethod
    def from_setting(cls, text_or_path: str) -> "OneKey":
        """From PEM text or the path of a PEM file. Raises: UnusableKey."""
        try:
            is_text = text_or_path.lstrip().startswith("-----BEGIN")
            pem = text_or_path.encode() if is_text else Path(text_or_path).read_bytes()
            key = load_pem_public_key(pem)
        except (OSError, ValueError) as error:
            raise UnusableKey(f"MEDPERF_AUTH_PUBLIC_KEY is no readable PEM: {error}") from error
        if not isinstance(key, RSAPublicKey):
            raise UnusableKey("MEDPERF_AUTH_PUBLIC_KEY is not an RSA key.")
        return cls(key)

    async def key_for(self, key_id: str | None) -> RSAPublicKey | None:
        """The key."""
        return self._key


class PublishedKeys:
    """A provider's JWKS, kept; an unknown id fetches it again, at most once a minute."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._asked_at: float | None = None

    async def key_for(self, key_id: str | None) -> RSAPublicKey | None:
        """The provider's key of this id."""
        if key_id is None:
            return None
        if key_id not in self._keys and self._may_fetch():
            self._asked_at = self._clock()
            self._keys = await self._fetch() or self._keys
        return self._keys.get(key_id)

    def _may_fetch(self) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at >= REFETCH_AFTER_S

    async def _fetch(self) -> Mapping[str, RSAPublicKey]:
        """The published keys; none when the provider is down, so that known ones stay."""
        # Only who asks a provider needs its 6 MiB.
        import httpx

        try:
            async with httpx.AsyncClient(timeout=FETCH_TIMEOUT_S) as client:
                answer = (await client.get(self._url)).raise_for_status()
            published = jwt.PyJWKSet.from_dict(answer.json())
        except (httpx.HTTPError, ValueError, jwt.PyJWTError):
            return {}
        return {
            key.key_id: key.key
            for key in published.keys
            if key.key_id and isinstance(key.key, RSAPublicKey)
        }
