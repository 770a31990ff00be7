"""Stored logins, and the token a local server left."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from medperf_client.adapters.logins import Logins
from medperf_client.adapters.tokens import FileTokens, read_token
from medperf_client.errors import BadData, NotLoggedIn, UsageFault
from medperf_client.ports.tokens import TokenStore
from medperf_client.settings.profile import SHIPPED
from tests.commands.conftest import leave_token, make_token


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return FileTokens(tmp_path / "client" / "tokens.json")


@pytest.fixture
def logins(store: TokenStore, tmp_path: Path) -> Logins:
    return Logins(SHIPPED["local"], store, tmp_path / "identity", lambda: datetime.now(UTC))


def test_a_login_is_kept_until_it_is_forgotten(store: TokenStore) -> None:
    login = read_token(make_token("me@example.org"))
    store.keep("local", login)
    store.keep("other", read_token(make_token("you@example.org")))

    assert store.login("local") == login
    assert store.forget("local")
    assert store.login("local") is None
    assert not store.forget("local")
    assert store.login("other") is not None


def test_the_file_is_for_its_owner_alone(store: TokenStore, tmp_path: Path) -> None:
    store.keep("local", read_token(make_token()))

    assert (tmp_path / "client").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "client" / "tokens.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "[]", '{"local": 1}', "no json", '{"local": "no token"}'])
def test_a_file_that_is_not_ours_is_told_and_never_repeated(
    store: TokenStore, tmp_path: Path, text: str
) -> None:
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "tokens.json").write_text(text)

    with pytest.raises(BadData) as caught:
        store.login("local")

    assert text == "" or text not in caught.value.message


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "a.!!!.c", "a.bnVsbA.c", "x.e30.y.z"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(BadData, match="no token"):
        read_token(text)


def test_a_token_says_whose_it_is_and_until_when() -> None:
    login = read_token(make_token("me@example.org", lasts_s=60) + "\n")

    assert login.email == "me@example.org"
    assert login.expires_at is not None
    assert timedelta(seconds=50) < login.expires_at - datetime.now(UTC) <= timedelta(seconds=60)


def test_a_stored_login_comes_before_the_local_one(logins: Logins, tmp_path: Path) -> None:
    leave_token(tmp_path, "testdo@example.com")
    leave_token(tmp_path, "testbo@example.com")

    assert logins.current().email == "testdo@example.com"
    logins.take_local("testbo@example.com")
    assert logins.current().email == "testbo@example.com"
    assert logins.leave()
    assert logins.current().email == "testdo@example.com"


def test_a_login_that_ends_now_has_ended(store: TokenStore, tmp_path: Path) -> None:
    login = read_token(make_token())
    store.keep("local", login)
    assert login.expires_at is not None
    ended = login.expires_at

    with pytest.raises(NotLoggedIn, match="expired"):
        Logins(SHIPPED["local"], store, tmp_path, lambda: ended).current()


def test_without_a_local_server_nobody_is_logged_in(logins: Logins) -> None:
    with pytest.raises(NotLoggedIn, match=r"no token for testdo@example\.com"):
        logins.current()


def test_a_local_token_is_not_tried_on_another_kind_of_server(
    store: TokenStore, tmp_path: Path
) -> None:
    leave_token(tmp_path, "testdo@example.com")
    elsewhere = SHIPPED["default"].changed({"email": "testdo@example.com"})

    with pytest.raises(NotLoggedIn, match="not logged in"):
        Logins(elsewhere, store, tmp_path / "identity", lambda: datetime.now(UTC)).current()


def test_an_address_cannot_lead_out_of_the_folder(logins: Logins) -> None:
    with pytest.raises(UsageFault):
        logins.take_local("../../x@example.com")
