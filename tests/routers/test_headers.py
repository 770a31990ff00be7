"""What replies tell browsers, and which address links name however a caller lies."""

from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from medperf_api.settings import Settings
from tests.registry.bodies import cube_body
from tests.registry.fixtures import SetUp
from tests.registry.serving import running
from tests.registry.world import Person, World

EVIL = "evil.test"


def next_link(person: Person, **headers: str) -> str:
    for _ in range(2):
        person.make("mlcubes/", cube_body())
    answer = person.call("GET", "mlcubes/?limit=1", headers=headers)
    link: str = answer.json()["next"]
    return link


@pytest.mark.parametrize(
    ("path", "status"), [("me/", 200), ("mlcubes/7/", 404), ("/nowhere", 404), ("/version", 200)]
)
def test_every_answer_is_guarded_and_kept_by_nobody(world: World, path: str, status: int) -> None:
    answer = world.person("a").get(path)

    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


def test_tls_alone_is_told_to_stay(set_up: SetUp) -> None:
    tls = set_up(public_url="https://registry.example.org")

    answer = tls.nobody().get("/version")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_assets_may_be_kept(set_up: SetUp, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("an asset")

    answer = set_up(assets=tmp_path).nobody().get("/assets/a.txt")

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "cache-control" not in answer.headers


def test_no_page_of_another_origin_may_read_answers(world: World) -> None:
    answer = world.person("a").call("GET", "me/", headers={"Origin": f"https://{EVIL}"})

    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_configured_origin_may_and_no_other(set_up: SetUp) -> None:
    person = set_up(cors_origins=("https://app.example.org",)).person("a")

    allowed = person.call("GET", "me/", headers={"Origin": "https://app.example.org"})
    other = person.call("GET", "me/", headers={"Origin": f"https://{EVIL}"})
    asked = person.call(
        "OPTIONS",
        "me/",
        headers={
            "Origin": "https://app.example.org",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization,if-match",
        },
    )

    assert allowed.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "access-control-allow-credentials" not in allowed.headers
    assert "access-control-allow-origin" not in other.headers
    assert asked.status_code == 200
    assert "PUT" in asked.headers["access-control-allow-methods"]


def test_links_begin_with_the_public_address_whatever_the_caller_says(set_up: SetUp) -> None:
    person = set_up(public_url="https://registry.example.org").person("a")

    link = next_link(person, Host=EVIL, **{"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "http"})

    assert link.startswith("https://registry.example.org/api/v0/mlcubes/?")


def test_a_host_that_is_not_allowed_is_refused(set_up: SetUp) -> None:
    world = set_up(allowed_hosts=("registry.test",))

    refused = world.nobody().call("GET", "/version", headers={"Host": EVIL})

    assert refused.status_code == 400
    assert refused.json()["code"] == "malformed"
    assert refused.headers["x-content-type-options"] == "nosniff"
    for host in ("registry.test", "REGISTRY.test:8000"):
        assert world.nobody().call("GET", "/version", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["a b", "a/b", "[::1", "a@b", "a:port", "a?b", "ä".encode(), "a" * 300, "a#b", "[]:1"]
)
def test_a_host_that_is_no_address_is_refused(world: World, host: str | bytes) -> None:
    answer = world.person("a").call("GET", "mlcubes/", headers={"Host": host})

    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["[::1]:8000", "127.0.0.1:1", "registry.test"])
def test_an_address_of_any_form_is_taken(world: World, host: str) -> None:
    assert world.person("a").call("GET", "mlcubes/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(("proxies", "scheme"), [("", "http"), ("127.0.0.0/8", "https")])
def test_forwarded_headers_count_from_configured_proxies_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxies: str, scheme: str
) -> None:
    monkeypatch.setenv("MEDPERF_TRUSTED_PROXIES", proxies)
    # What uvicorn itself would read.
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    monkeypatch.setenv("MEDPERF_LOCAL_IDENTITY", str(tmp_path / "identity"))
    with running(tmp_path) as server:
        token = (tmp_path / "identity/tokens/testdo@example.com.jwt").read_text()
        with httpx.Client(
            base_url=f"{server.url}/api/v0/", headers={"Authorization": f"Bearer {token}"}
        ) as person:
            for _ in range(2):
                assert person.post("mlcubes/", json=cube_body()).status_code == 201
            forwarded = {
                "X-Forwarded-Proto": "https",
                "X-Forwarded-Host": EVIL,
                "X-Forwarded-For": "203.0.113.9",
                "X-Forwarded-Prefix": "/evil",
                "Forwarded": f"host={EVIL};proto=https",
            }
            answer = person.get("mlcubes/?limit=1", headers=forwarded)

    link = answer.json()["next"]
    assert link.startswith(f"{scheme}://127.0.0.1:")
    assert "evil" not in link


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDPERF_TRUSTED_PROXIES", "*"),
        ("MEDPERF_TRUSTED_PROXIES", "proxy.example.org"),
        ("MEDPERF_PUBLIC_URL", "registry.example.org"),
        ("MEDPERF_PUBLIC_URL", "https://registry.example.org/medperf"),
    ],
)
def test_a_setting_that_would_open_a_hole_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError):
        Settings(_env_file=None)
