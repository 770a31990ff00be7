"""``medperf-server`` as an operator types it."""

import json
import sqlite3
import sys
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from medperf_api.__main__ import main
from tests.registry.serving import Running, running

# A machine that does other things too is slow to start a server.
PATIENCE_S = 30


class Command(Protocol):
    """Runs a command; its exit code, stdout and stderr."""

    def __call__(self, *arguments: str) -> tuple[int, str, str]: ...


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no settings but where the identity lies."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEDPERF_LOCAL_IDENTITY", str(tmp_path / "identity"))
    for name in ("DATABASE_URL", "AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_PUBLIC_KEY"):
        monkeypatch.delenv(f"MEDPERF_{name}", raising=False)
    return tmp_path


@pytest.fixture
def command(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["medperf-server", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def as_person(server: Running, email: str) -> httpx.Client:
    token = (server.place / "identity" / "tokens" / f"{email}.jwt").read_text()
    return httpx.Client(
        base_url=f"{server.url}/api/v0/",
        timeout=PATIENCE_S,
        headers={"Authorization": f"Bearer {token}"},
    )


def test_an_admin_is_made_before_their_first_call(command: Command, place: Path) -> None:
    assert command("migrate")[0] == 0
    assert command("user", "make-admin", "testadmin@example.com")[0] == 0

    with running(place) as server, as_person(server, "testadmin@example.com") as admin:
        assert admin.get("users/").json()["count"] == 1
        [entry] = admin.get("audit/").json()["results"]
        assert (entry["actor"], entry["field"], entry["new"]) == (None, "is_admin", True)
        code, _, _ = command("user", "deactivate", "testadmin@example.com")
        assert code == 0
        assert admin.get("users/").status_code == 401


def test_one_command_serves_a_registry_in_an_empty_folder(place: Path) -> None:
    assets = place / "assets"
    assets.mkdir()
    (assets / "a.txt").write_text("an asset")
    (assets / "out").symlink_to("/etc/passwd")

    with running(place, "--assets", str(assets), "--workers", "2") as server:
        assert httpx.get(f"{server.url}/health/", timeout=PATIENCE_S).json() == {"status": "ok"}
        with as_person(server, "testdo@example.com") as person:
            assert person.get("me/").json()["email"] == "testdo@example.com"
        assert httpx.get(f"{server.url}/assets/a.txt").text == "an asset"
        for path in ("", "out", "../medperf.db", "%2e%2e/medperf.db", "none"):
            assert httpx.get(f"{server.url}/assets/{path}").status_code == 404, path
        assert httpx.post(f"{server.url}/assets/a.txt").status_code == 405
    assert server.exit_code == 0
    said = server.stderr()
    assert "Local identity" in said
    assert "medperf.db" in said
    assert "not for production" in said
    assert "Traceback" not in said


def test_a_database_that_is_behind_is_refused(command: Command, place: Path) -> None:
    sqlite3.connect(place / "medperf.db").execute("CREATE TABLE t (a)").connection.close()

    code, out, err = command("serve", "--port", "0")

    assert (code, out) == (1, "")
    assert "Run: medperf-server migrate" in err
    assert command("user", "make-admin", "a@example.com")[0] == 1


def test_a_minted_token_is_printed_and_kept(command: Command, place: Path) -> None:
    code, out, _ = command("token", "mint", "new@example.com")

    assert code == 0
    kept = place / "identity" / "tokens" / "new@example.com.jwt"
    assert kept.read_text() == out.strip()


@pytest.mark.parametrize("address", ["new", "../new@example.com", ""])
def test_what_is_no_address_gets_no_token_and_no_rights(command: Command, address: str) -> None:
    assert command("migrate")[0] == 0

    assert command("token", "mint", address)[0] == 1
    assert command("user", "make-admin", address)[0] == 1


def test_where_another_authority_is_believed_nothing_is_minted_and_nobody_invented(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDPERF_AUTH_JWKS_URL", "http://127.0.0.1:1/jwks.json")
    monkeypatch.setenv("MEDPERF_AUTH_ISSUER", "https://issuer.test/")
    monkeypatch.setenv("MEDPERF_AUTH_AUDIENCE", "https://registry.test/")
    assert command("migrate")[0] == 0

    code, out, err = command("token", "mint", "a@example.com")
    assert (code, out) == (1, "")
    assert "MEDPERF_AUTH_" in err
    code, _, err = command("user", "make-admin", "a@example.com")
    assert (code, err.strip()) == (1, "medperf-server: No user has the address a@example.com.")


def test_settings_that_contradict_each_other_end_in_one_sentence(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDPERF_AUTH_ISSUER", "https://issuer.test/")

    code, _, err = command("serve")

    assert code == 1
    assert err.count("\n") == 1
    assert "MEDPERF_AUTH_PUBLIC_KEY" in err


def test_a_port_that_is_taken_is_said(command: Command, place: Path) -> None:
    with running(place) as server:
        port = server.url.rpartition(":")[2]
        code, _, err = command("serve", "--port", port)

    assert code == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in err


def test_the_document_is_printed(command: Command) -> None:
    code, out, _ = command("openapi")

    assert code == 0
    assert json.loads(out)["openapi"].startswith("3.")
