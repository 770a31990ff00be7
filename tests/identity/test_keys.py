"""Keys: one that was configured, or those a provider publishes."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from medperf_api.identity.keys import REFETCH_AFTER_S, OneKey, PublishedKeys, UnusableKey
from tests.registry.tokens import public_pem, signing_key


@dataclass
class Provider:
    """Publishes keys over HTTP, as long as it is up."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    is_up: bool = True
    asked: int = 0
    url: str = ""

    def publish(self, key_id: str, key: rsa.RSAPrivateKey) -> None:
        published = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
        self.keys.append({**published, "kid": key_id, "use": "sig", "alg": "RS256"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += 1
            self.send_response(200 if provider.is_up else 503)
            self.end_headers()
            if provider.is_up:
                self.wfile.write(json.dumps({"keys": provider.keys}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_address[1]}/jwks.json"
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Clock:
    """Time that passes when a test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def find(keys: PublishedKeys, key_id: str | None) -> rsa.RSAPublicKey | None:
    return asyncio.run(keys.key_for(key_id))


def test_published_keys_are_fetched_once_and_kept(provider: Provider) -> None:
    provider.publish("one", signing_key())
    keys = PublishedKeys(provider.url, Clock())

    assert find(keys, "one") == signing_key().public_key()
    assert find(keys, "one") is not None
    assert provider.asked == 1


def test_an_unknown_key_is_asked_for_at_most_once_a_minute(provider: Provider) -> None:
    clock = Clock()
    keys = PublishedKeys(provider.url, clock)

    assert find(keys, "new") is None
    provider.publish("new", signing_key())
    assert find(keys, "new") is None
    assert provider.asked == 1
    clock.now = REFETCH_AFTER_S
    assert find(keys, "new") is not None
    assert provider.asked == 2


def test_known_keys_outlive_a_provider_that_is_down(provider: Provider) -> None:
    clock = Clock()
    provider.publish("one", signing_key())
    keys = PublishedKeys(provider.url, clock)
    find(keys, "one")

    provider.is_up = False
    clock.now = REFETCH_AFTER_S

    assert find(keys, "unknown") is None
    assert find(keys, "one") is not None


def test_a_token_that_names_no_key_finds_none(provider: Provider) -> None:
    provider.publish("one", signing_key())

    assert find(PublishedKeys(provider.url, Clock()), None) is None
    assert provider.asked == 0


def test_a_key_may_be_text_or_a_file(tmp_path: Path) -> None:
    pem = public_pem(signing_key())
    path = tmp_path / "key.pem"
    path.write_text(pem)

    for setting in (pem, str(path)):
        found = asyncio.run(OneKey.from_setting(setting).key_for("any"))
        assert found == signing_key().public_key()


@pytest.mark.parametrize("setting", ["/nowhere/key.pem", "-----BEGIN NONSENSE-----"])
def test_what_is_no_key_is_refused_at_the_start(setting: str) -> None:
    with pytest.raises(UnusableKey, match="no readable PEM"):
        OneKey.from_setting(setting)


def test_a_key_of_another_kind_is_refused() -> None:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    with pytest.raises(UnusableKey, match="not an RSA key"):
        OneKey.from_setting(pem.decode())
