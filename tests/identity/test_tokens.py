"""Which tokens count. Everything else is 401, and never says why."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.registry.tokens import (
    EMAIL_CLAIM,
    claims_for,
    public_pem,
    signing_key,
    token_for,
)
from tests.registry.world import World

NOW = int(time.time())


def encoded(part: object) -> bytes:
    raw = json.dumps(part).encode() if not isinstance(part, bytes) else part
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def signed_with_the_public_key_as_secret() -> str:
    """The classic confusion; PyJWT itself would refuse to make it."""
    head = encoded({"alg": "HS256", "typ": "JWT"}) + b"." + encoded(claims_for("a"))
    secret = public_pem(signing_key()).encode()
    return (head + b"." + encoded(hmac.new(secret, head, hashlib.sha256).digest())).decode()


def signed_by_another() -> str:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims_for("a"), other, algorithm="RS256")


def with_changed_claims() -> str:
    head, _, signature = token_for("a").split(".")
    return ".".join((head, encoded(claims_for("admin")).decode(), signature))


BAD_TOKENS = {
    "empty": lambda: "",
    "no token": lambda: "abc",
    "not three parts": lambda: "a.b",
    "no JSON": lambda: "!!!.???.###",
    "none": lambda: jwt.encode(claims_for("a"), "", algorithm="none"),
    "HS256 with the public key": signed_with_the_public_key_as_secret,
    "RS512": lambda: jwt.encode(claims_for("a"), signing_key(), algorithm="RS512"),
    "another key": signed_by_another,
    "changed claims": with_changed_claims,
    "another issuer": lambda: token_for("a", iss="https://other.test/"),
    "another audience": lambda: token_for("a", aud="https://other.test/"),
    "expired": lambda: token_for("a", exp=NOW - 1),
    "an end without end": lambda: token_for("a", exp=float("inf")),
    "an end that is a list": lambda: token_for("a", exp=[NOW + 60]),
    "issued in the future": lambda: token_for("a", iat=NOW + 600),
    "not valid yet": lambda: token_for("a", nbf=NOW + 600),
    "no expiry": lambda: token_for("a", exp=None),
    "no issue time": lambda: token_for("a", iat=None),
    "no issuer": lambda: token_for("a", iss=None),
    "no audience": lambda: token_for("a", aud=None),
    "no subject": lambda: token_for("a", sub=None),
    "empty subject": lambda: token_for(" "),
    "subject too long": lambda: token_for("a" * 300, **{EMAIL_CLAIM: "a@example.com"}),
    "subject with a null": lambda: token_for("a\x00b", **{EMAIL_CLAIM: "a@example.com"}),
    "no address": lambda: token_for("a", **{EMAIL_CLAIM: None}),
    "address that is no text": lambda: token_for("a", **{EMAIL_CLAIM: ["a@example.com"]}),
    "empty address": lambda: token_for("a", **{EMAIL_CLAIM: ""}),
    "a megabyte": lambda: token_for("a", padding="x" * 2**20),
    "deep": lambda: "a." + "." * 1_000,
    "beyond ASCII": lambda: "tökén.ä.ö",
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_is_refused_without_a_reason(world: World, kind: str) -> None:
    token = BAD_TOKENS[kind]()
    headers = {"Authorization": f"Bearer {token}".encode()}
    answer = world.nobody().call("GET", "me/", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {
        "detail": "A valid access token is needed. Log in, then try again.",
        "code": "not_authenticated",
    }


@pytest.mark.parametrize("scheme", ["", "Basic ", "Token ", "Bearer", "Bearer:"])
def test_another_scheme_is_no_token(world: World, scheme: str) -> None:
    headers = {"Authorization": scheme + token_for("a")}

    assert world.nobody().call("GET", "me/", headers=headers).status_code == 401


def test_no_header_is_no_token(world: World) -> None:
    assert world.nobody().call("GET", "me/").status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_scheme_is_written_in_any_case(world: World, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {token_for('a')}"}

    assert world.nobody().call("GET", "me/", headers=headers).status_code == 200


def test_an_audience_may_be_one_of_several(world: World) -> None:
    token = token_for("a", aud=["https://other.test/", "https://registry.test/"])

    assert world.with_token(token).get("me/").status_code == 200
