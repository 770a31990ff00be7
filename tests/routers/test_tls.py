"""A server that ends TLS itself, and the files it refuses to start with."""

import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import serialization

from tests.adapters.asset_server import make_certificate
from tests.registry.serving import running

PATIENCE_S = 30


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEDPERF_LOCAL_IDENTITY", str(tmp_path / "identity"))
    return tmp_path


def made_in(folder: Path) -> tuple[Path, Path]:
    folder.mkdir()
    return make_certificate(folder)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_who_trusts_the_certificate_is_answered_and_nobody_else(place: Path, workers: str) -> None:
    key, certificate = make_certificate(place)
    files = ("--tls-cert", str(certificate), "--tls-key", str(key))

    with running(place, "--workers", workers, *files) as server:
        assert server.url.startswith("https://")
        trusting = ssl.create_default_context(cafile=certificate)
        with httpx.Client(verify=trusting, timeout=PATIENCE_S) as client:
            answer = client.get(f"{server.url}/health/")
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{server.url}/health/", timeout=PATIENCE_S)

    assert answer.json() == {"status": "ok"}
    assert "strict-transport-security" in answer.headers


def refused(place: Path, *arguments: str | Path) -> str:
    """The sentence that the start ends with."""
    ended = subprocess.run(
        [sys.executable, "-m", "medperf_api", "serve", "--port", "0", *arguments],
        cwd=place,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Traceback" not in ended.stderr
    said = ended.stderr.splitlines()[-1]
    assert said.startswith("medperf-server: ")
    assert "Nothing is served" in said
    return said


@pytest.mark.parametrize(
    ("given", "missing"), [("--tls-cert", "--tls-key"), ("--tls-key", "--tls-cert")]
)
def test_one_file_asks_for_the_other(place: Path, given: str, missing: str) -> None:
    key, _ = make_certificate(place)

    assert f"{given} needs {missing} too" in refused(place, given, key)


@pytest.mark.parametrize("option", ["--tls-cert", "--tls-key"])
@pytest.mark.parametrize(("name", "why"), [("none.pem", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named(place: Path, option: str, name: str, why: str) -> None:
    key, certificate = make_certificate(place)
    files = {"--tls-cert": certificate, "--tls-key": key, option: place / name}

    said = refused(place, *(word for pair in files.items() for word in pair))

    assert f"{option}: {place / name} cannot be read" in said
    assert why in said


def test_the_key_of_another_certificate_is_refused(place: Path) -> None:
    _, certificate = made_in(place / "one")
    key, _ = made_in(place / "other")

    said = refused(place, "--tls-cert", certificate, "--tls-key", key)

    assert f"{key} is not the key of the certificate in {certificate}" in said


def test_a_file_that_holds_something_else_is_refused(place: Path) -> None:
    key, _ = make_certificate(place)
    (place / "text.pem").write_text("no certificate")

    assert "not a certificate and its key" in refused(
        place, "--tls-cert", place / "text.pem", "--tls-key", key
    )


def test_a_key_with_a_password_is_refused_without_asking_for_it(place: Path) -> None:
    key, certificate = make_certificate(place)
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    locked = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    key.write_bytes(locked)

    said = refused(place, "--tls-cert", certificate, "--tls-key", key)

    assert "without a password" in said
