"""Tokens for tests, signed with a key that lives as long as the tests run."""

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUER = "https://issuer.test/"
AUDIENCE = "https://registry.test/"
EMAIL_CLAIM = "https://medperf.org/email"


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """The key that the tests' registries believe."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """The public half, as an operator would configure it."""
    encoded = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return encoded.decode()


def claims_for(name: str, **changes: object) -> dict[str, Any]:
    """What a valid token says of ``name``; a claim changed to None is left out."""
    now = int(time.time())
    claims: Mapping[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": name,
        "iat": now,
        "exp": now + 600,
        EMAIL_CLAIM: f"{name}@example.com",
    }
    return {key: value for key, value in {**claims, **changes}.items() if value is not None}


def token_for(name: str, **changes: object) -> str:
    """A valid token of ``name``."""
    return jwt.encode(claims_for(name, **changes), signing_key(), algorithm="RS256")
