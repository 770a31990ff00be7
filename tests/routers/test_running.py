"""What a server that runs tells its operator, and how it ends."""

import json
import signal
import socket
import sqlite3
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.registry.bodies import cube_body
from tests.registry.fixtures import SetUp
from tests.registry.serving import Running, running
from tests.registry.world import World

PATIENCE_S = 30


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEDPERF_LOCAL_IDENTITY", str(tmp_path / "identity"))
    return tmp_path


def token_in(place: Path) -> str:
    return (place / "identity/tokens/testdo@example.com.jwt").read_text()


def as_person(server: Running) -> httpx.Client:
    return httpx.Client(
        base_url=f"{server.url}/api/v0/",
        timeout=PATIENCE_S,
        headers={"Authorization": f"Bearer {token_in(server.place)}"},
    )


def lines_of(server: Running) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.stderr().splitlines() if line.startswith("{")]


@pytest.mark.parametrize("path", ["/health", "/health/", "/ready", "/ready/"])
def test_a_server_that_is_well_says_so_without_a_token(world: World, path: str) -> None:
    assert world.nobody().get(path).json() == {"status": "ok"}


def test_a_database_that_does_not_answer_is_said(set_up: SetUp) -> None:
    elsewhere = set_up(database_url="sqlite+aiosqlite:////nowhere/medperf.db")

    for path in ("/health/", "/ready/"):
        answer = elsewhere.nobody().get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "1"
        assert "nowhere" not in answer.text


def test_tables_of_another_version_are_well_but_not_ready(set_up: SetUp, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "old.db").execute("CREATE TABLE t (a)").connection.close()
    old = set_up(database_url=f"sqlite+aiosqlite:///{tmp_path}/old.db").nobody()

    assert old.get("/health/").status_code == 200
    assert old.get("/ready/").status_code == 503


def test_each_request_has_one_line_without_what_was_sent(place: Path) -> None:
    secret = "a-patients-name"
    with running(place) as server, as_person(server) as person:
        made = person.post("mlcubes/", json=cube_body(name=secret)).json()["id"]
        person.get(f"mlcubes/{made}?name={secret}", headers={"X-Request-ID": "mine"})
        person.get(f"nowhere/{secret}/", headers={"Cookie": secret, "X-Request-ID": "a b"})
    created, read, missing = lines_of(server)

    assert (created["method"], created["status"]) == ("POST", 201)
    assert read["route"] == "/api/v0/mlcubes/{cube_id:number}/"
    assert read["request_id"] == "mine"
    assert read["user_id"] == created["user_id"] == 1
    assert 0 < read["duration_ms"] < PATIENCE_S * 1_000
    assert read["time"].startswith("20")
    assert (missing["route"], missing["status"], missing["user_id"]) == ("none", 404, None)
    assert missing["request_id"] != "a b"
    assert secret not in server.stderr()
    assert token_in(place) not in server.stderr()


def test_a_failure_is_told_with_its_places_and_without_values(place: Path) -> None:
    secret = "a-patients-name"
    with running(place) as server, as_person(server) as person:
        person.get("me/")
        with sqlite3.connect(place / "medperf.db") as database:
            database.execute("ALTER TABLE cubes RENAME TO lost")
        database.close()
        body = cube_body(name=secret)
        answer = person.post("mlcubes/", json=body, headers={"X-Request-ID": "mine"})
    failed = [line for line in lines_of(server) if line["level"] == "ERROR"]

    assert answer.status_code == 500
    assert answer.headers["x-request-id"] == "mine"
    assert answer.headers["cache-control"] == "no-store"
    assert [line["request_id"] for line in failed] == ["mine"]
    assert "OperationalError" in failed[0]["error"]
    assert any("services" in place for place in failed[0]["error"])
    assert secret not in server.stderr()


def test_prometheus_reads_what_all_workers_counted(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("MEDPERF_METRICS_PORT", str(port))
    with running(place, "--workers", "2") as server:
        for _ in range(20):
            httpx.get(f"{server.url}/version", timeout=PATIENCE_S)
        metrics = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S).text
        assert httpx.get(f"{server.url}/metrics", timeout=PATIENCE_S).status_code == 404

    counted = 'medperf_requests_total{method="GET",route="/version",status="200"} 20.0'
    assert counted in metrics
    assert "medperf_request_duration_seconds_bucket" in metrics


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_request_in_flight_is_finished_before_the_end(place: Path, workers: str) -> None:
    body = json.dumps(cube_body()).encode()
    head = (
        "POST /api/v0/mlcubes/ HTTP/1.1\r\nHost: registry.test\r\n"
        "Content-Type: application/json\r\nConnection: close\r\n"
    )
    with running(place, "--workers", workers) as server:
        url = httpx.URL(server.url)
        assert url.port is not None
        with socket.create_connection((url.host, url.port), timeout=PATIENCE_S) as slow:
            lines = f"Authorization: Bearer {token_in(place)}\r\nContent-Length: {len(body)}\r\n"
            slow.sendall(f"{head}{lines}\r\n".encode() + body[:10])
            # Until the server has begun it, which shows in the user it registers.
            wait_for_user(place / "medperf.db")
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            slow.sendall(body[10:])
            answer = b"".join(iter(lambda: slow.recv(65_536), b""))
        server.process.wait(PATIENCE_S)

    assert answer.startswith(b"HTTP/1.1 201")
    with sqlite3.connect(place / "medperf.db") as database:
        assert database.execute("SELECT count(*) FROM cubes").fetchone() == (1,)
    database.close()


def wait_for_user(database: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    connection = sqlite3.connect(database)
    while connection.execute("SELECT count(*) FROM users").fetchone() == (0,):
        assert time.monotonic() < until
        time.sleep(0.02)
    connection.close()
