"""One authority decides who a caller is, or the server does not start."""

import pytest
from pydantic import ValidationError

from medperf_api.settings import EMBEDDED_DATABASE, Settings

BOTH = {"auth_issuer": "i", "auth_audience": "a"}


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


def test_without_settings_it_is_a_file_here_and_a_local_identity(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MEDPERF_LOCAL_IDENTITY", raising=False)
    plain = settings()

    assert plain.database_url == EMBEDDED_DATABASE
    assert plain.has_local_identity


@pytest.mark.parametrize(
    "values",
    [
        {**BOTH, "auth_public_key": "k", "auth_jwks_url": "u"},
        BOTH,
        {"auth_public_key": "k"},
        {"auth_public_key": "k", "auth_issuer": "i"},
        {"auth_jwks_url": "u", "auth_audience": "a"},
    ],
)
def test_half_an_authority_or_two_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="MEDPERF_AUTH_"):
        settings(**values)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("postgresql://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
    ],
)
def test_a_database_is_named_without_its_driver(given: str, meant: str) -> None:
    assert settings(database_url=given).database_url == meant
