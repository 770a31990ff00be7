"""The command run in this process, against a server made of the contract, in a home of its own."""

import base64
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import respx

from medperf_client.app import main

SERVER = "http://127.0.0.1:8000"
DATA_OWNER = "testdo@example.com"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Medperf = Callable[..., Ended]


def make_token(email: str = DATA_OWNER, lasts_s: float = 3600) -> str:
    """A token as a client sees one: it reads the claims and leaves the signature to the server."""
    claims = {"https://medperf.org/email": email, "exp": int(time.time() + lasts_s)}
    parts = (b'{"alg":"RS256"}', json.dumps(claims).encode(), b"signature")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a local server's token of the data owner in it, and nothing of the client."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("MEDPERF_STORAGE", str(tmp_path / "storage"))
    monkeypatch.setenv("MEDPERF_CONFIG_PATH", str(tmp_path / "client" / "config.yaml"))
    monkeypatch.setenv("MEDPERF_LOCAL_IDENTITY", str(tmp_path / "identity"))
    leave_token(tmp_path, DATA_OWNER)
    return tmp_path


def leave_token(home: Path, email: str, lasts_s: float = 3600) -> None:
    """What a local server does when it mints a token."""
    folder = home / "identity" / "tokens"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{email}.jwt").write_text(make_token(email, lasts_s))


@pytest.fixture
def medperf(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Medperf:
    """Runs one command line without a terminal."""

    def run(*arguments: str | Path, stdin: str = "") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    """The local server; a request nobody expects fails the test."""
    with respx.mock(base_url=f"{SERVER}/api/v0", assert_all_called=False) as router:
        yield router
