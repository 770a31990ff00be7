"""Tokens that were checked once: how long that counts."""

import asyncio
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from medperf_api.errors import NotAuthenticated
from medperf_api.identity.tokens import KNOWN_FOR_S, TokenCheck
from tests.registry.tokens import AUDIENCE, EMAIL_CLAIM, ISSUER, signing_key, token_for


class CountedKey:
    """The right key, as long as it is published, and how often it was asked for."""

    def __init__(self) -> None:
        self.asked = 0
        self.published = True

    async def key_for(self, key_id: str | None) -> RSAPublicKey | None:
        self.asked += 1
        return signing_key().public_key() if self.published else None


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def check_with(keys: CountedKey, clock: Clock) -> TokenCheck:
    return TokenCheck(keys, issuer=ISSUER, audience=AUDIENCE, email_claim=EMAIL_CLAIM, clock=clock)


def test_a_signature_is_verified_once() -> None:
    keys, clock = CountedKey(), Clock()
    check, token = check_with(keys, clock), token_for("a")

    first, second = (asyncio.run(check.identify(token)) for _ in range(2))

    assert first == second
    assert keys.asked == 1


def test_who_is_known_is_so_by_the_whole_token() -> None:
    keys, clock = CountedKey(), Clock()
    check, token = check_with(keys, clock), token_for("a")
    asyncio.run(check.identify(token))

    with pytest.raises(NotAuthenticated):
        asyncio.run(check.identify(token[:-4] + "AAAA"))
    assert asyncio.run(check.identify(token_for("b"))).username == "b"


def test_a_token_is_known_until_it_expires_and_no_longer() -> None:
    keys, clock = CountedKey(), Clock()
    check, expires = check_with(keys, clock), int(clock.now) + 60
    token = token_for("a", exp=expires)
    asyncio.run(check.identify(token))
    keys.published = False

    clock.now = expires - 0.5
    asyncio.run(check.identify(token))
    clock.now = expires

    with pytest.raises(NotAuthenticated):
        asyncio.run(check.identify(token))


def test_a_withdrawn_key_counts_a_few_minutes_at_most() -> None:
    keys, clock = CountedKey(), Clock()
    check, token = check_with(keys, clock), token_for("a")
    asyncio.run(check.identify(token))
    keys.published = False
    asyncio.run(check.identify(token))

    clock.now += KNOWN_FOR_S

    with pytest.raises(NotAuthenticated):
        asyncio.run(check.identify(token))


def test_only_so_many_tokens_are_known() -> None:
    keys, clock = CountedKey(), Clock()
    check = TokenCheck(
        keys, issuer=ISSUER, audience=AUDIENCE, email_claim=EMAIL_CLAIM, clock=clock, known=2
    )
    many = [token_for(name) for name in ("a", "b", "c")]
    for token in many:
        asyncio.run(check.identify(token))

    asyncio.run(check.identify(many[2]))
    assert keys.asked == 3
    asyncio.run(check.identify(many[0]))
    assert keys.asked == 4
