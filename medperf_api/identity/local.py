"""A local issuer of tokens, for tutorials and tests on one machine.

Where its files lie is said in ``contract.local_identity``.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from medperf_api.contract.local_identity import (
    LOCAL_AUDIENCE,
    LOCAL_ISSUER,
    key_path,
    token_path,
)
from medperf_api.identity.tokens import ALGORITHM

TOKEN_LIFE = timedelta(days=30)
NEAR_EXPIRY = timedelta(days=7)
KEY_BITS = 2048


def _now() -> datetime:
    return datetime.now(UTC)


class LocalIdentity:
    """An RSA key in a folder, made at first use, and the tokens signed with it."""

    def __init__(
        self, folder: Path, email_claim: str, clock: Callable[[], datetime] = _now
    ) -> None:
        self.folder = folder.expanduser()
        self._email_claim = email_claim
        self._clock = clock
        self._key = self._own_key()

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """What these tokens are checked with."""
        return self._key.public_key()

    def mint(self, email: str) -> str:
        """A new token for ``email``, also written to its file. Raises: ValueError."""
        path = token_path(self.folder, email)
        token = self._sign(email)
        _private_folder(path.parent)
        draft = _draft_beside(path, token.encode())
        draft.replace(path)
        return token

    def ensure(self, email: str) -> None:
        """Mint a token for ``email``, unless the one at hand still lasts a while."""
        if not self._lasts(token_path(self.folder, email)):
            self.mint(email)

    def _sign(self, email: str) -> str:
        now = self._clock()
        claims = {
            "iss": LOCAL_ISSUER,
            "aud": LOCAL_AUDIENCE,
            "sub": email,
            "iat": now,
            "exp": now + TOKEN_LIFE,
            self._email_claim: email,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def _lasts(self, path: Path) -> bool:
        try:
            claims = jwt.decode(
                path.read_text(),
                self.public_key,
                algorithms=[ALGORITHM],
                audience=LOCAL_AUDIENCE,
                options={"verify_exp": False, "verify_iat": False},
            )
        except (OSError, ValueError, jwt.PyJWTError):
            return False
        return float(claims["exp"]) > (self._clock() + NEAR_EXPIRY).timestamp()

    def _own_key(self) -> rsa.RSAPrivateKey:
        path = key_path(self.folder)
        if not path.exists():
            _private_folder(self.folder)
            _publish_once(path, _new_key_pem())
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"{path} is not an RSA key.")
        return key


def _new_key_pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _draft_beside(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _publish_once(path: Path, content: bytes) -> None:
    """Of two servers that start at once one's file stays, and both go on to read it."""
    draft = _draft_beside(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
