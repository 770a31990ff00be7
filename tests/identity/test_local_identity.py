"""The local issuer: a key of its own, private files, tokens that last."""

import asyncio
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from medperf_api.contract.local_identity import key_path, token_path
from medperf_api.errors import NotAuthenticated
from medperf_api.identity.authority import local_identity, token_check
from medperf_api.identity.local import NEAR_EXPIRY, TOKEN_LIFE, LocalIdentity
from medperf_api.settings import Settings
from tests.registry.tokens import EMAIL_CLAIM, token_for

EMAIL = "testdo@example.com"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "identity"


def settings_in(folder: Path) -> Settings:
    return Settings(_env_file=None, local_identity=folder)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_minted_token_is_believed_and_names_its_address(folder: Path) -> None:
    token = local_identity(settings_in(folder)).mint(EMAIL)

    identity = asyncio.run(token_check(settings_in(folder)).identify(token))

    assert (identity.username, identity.email) == (EMAIL, EMAIL)
    assert token_path(folder, EMAIL).read_text() == token


def test_tokens_of_others_are_not_believed(folder: Path, tmp_path: Path) -> None:
    check = token_check(settings_in(folder))
    elsewhere = local_identity(settings_in(tmp_path / "other")).mint(EMAIL)

    for token in (elsewhere, token_for("a")):
        with pytest.raises(NotAuthenticated):
            asyncio.run(check.identify(token))


def test_files_are_private_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        local_identity(settings_in(folder)).mint(EMAIL)
    finally:
        os.umask(before)

    assert mode(folder) == mode(folder / "tokens") == 0o700
    assert mode(key_path(folder)) == mode(token_path(folder, EMAIL)) == 0o600


def test_servers_that_start_at_once_agree_on_one_key(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: local_identity(settings_in(folder)), range(8)))

    assert len({identity.public_key.public_numbers() for identity in made}) == 1
    assert [path.name for path in folder.iterdir()] == ["private_key.pem"]


def test_a_token_is_renewed_when_it_is_near_its_end(folder: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    path = token_path(folder, EMAIL)

    def start_at(moment: datetime) -> str:
        LocalIdentity(folder, EMAIL_CLAIM, clock=lambda: moment).ensure(EMAIL)
        return path.read_text()

    first = start_at(now)
    assert start_at(now + timedelta(days=1)) == first
    assert start_at(now + TOKEN_LIFE - NEAR_EXPIRY) != first


@pytest.mark.parametrize("content", ["", "nonsense", "a.b.c"])
def test_a_token_that_is_broken_is_replaced(folder: Path, content: str) -> None:
    identity = local_identity(settings_in(folder))
    identity.mint(EMAIL)
    token_path(folder, EMAIL).write_text(content)

    identity.ensure(EMAIL)

    assert len(token_path(folder, EMAIL).read_text()) > 100
