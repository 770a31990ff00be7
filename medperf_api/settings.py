"""What an operator sets, read once from ``MEDPERF_…`` or a ``.env`` file and passed on."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from medperf_api.contract.local_identity import DEFAULT_FOLDER

EMBEDDED_DATABASE = "sqlite+aiosqlite:///medperf.db"

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}


def _with_async_driver(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return _DRIVERS.get(scheme, scheme) + separator + rest


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """Raises: ValueError. A star would believe what any caller says of itself."""
    for value in values:
        ip_network(value)
    return values


def _bare_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or url != f"{parts.scheme}://{parts.netloc}"):
        raise ValueError(
            "MEDPERF_PUBLIC_URL is a scheme and a host, such as https://registry.example.org."
        )
    return url


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """The server's settings. With none it runs on SQLite and issues its own tokens."""

    model_config = SettingsConfigDict(
        env_prefix="MEDPERF_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: Annotated[str, AfterValidator(_with_async_driver)] = EMBEDDED_DATABASE

    auth_issuer: str = ""
    auth_audience: str = ""
    auth_public_key: str = Field("", description="PEM text, or the path of a PEM file")
    auth_jwks_url: str = ""
    auth_email_claim: str = "https://medperf.org/email"
    auth_leeway_s: int = Field(0, ge=0, le=300)
    local_identity: Path = Path(DEFAULT_FOLDER)

    public_url: Annotated[str, AfterValidator(_bare_url)] = Field(
        "", description="how callers reach the server; links begin with it"
    )
    allowed_hosts: Words = Field((), description="names it answers to; any, if none is set")
    trusted_proxies: Annotated[Words, AfterValidator(_networks)] = Field(
        (), description="addresses or networks whose X-Forwarded-For and -Proto are believed"
    )
    cors_origins: Words = Field((), description="origins whose pages may call the API")

    log_requests: bool = Field(True, description="one line of JSON a request, on stderr")
    metrics_port: int | None = Field(None, ge=0, le=65_535, description="Prometheus; off if unset")
    metrics_host: str = "127.0.0.1"

    max_body_bytes: int = Field(10 * 2**20, gt=0)
    assets: Path | None = Field(None, description="a folder served read-only under /assets/")

    @property
    def has_local_identity(self) -> bool:
        """Whether the server signs its own tokens, because nobody else was named."""
        return not (self.auth_public_key or self.auth_jwks_url)

    @model_validator(mode="after")
    def _one_authority(self) -> Self:
        if self.auth_public_key and self.auth_jwks_url:
            raise ValueError(
                "Set MEDPERF_AUTH_PUBLIC_KEY or MEDPERF_AUTH_JWKS_URL, not both: "
                "one authority decides who a caller is."
            )
        if self.has_local_identity and (self.auth_issuer or self.auth_audience):
            raise ValueError(
                "MEDPERF_AUTH_ISSUER and MEDPERF_AUTH_AUDIENCE need a key to check tokens with: "
                "set MEDPERF_AUTH_PUBLIC_KEY or MEDPERF_AUTH_JWKS_URL."
            )
        if not self.has_local_identity and not (self.auth_issuer and self.auth_audience):
            raise ValueError(
                "Tokens are checked for their issuer and audience: "
                "set MEDPERF_AUTH_ISSUER and MEDPERF_AUTH_AUDIENCE."
            )
        return self
