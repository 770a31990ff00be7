"""Which authority a server believes, by its settings."""

from medperf_api.contract.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from medperf_api.identity.keys import KeySource, OneKey, PublishedKeys
from medperf_api.identity.local import LocalIdentity
from medperf_api.identity.tokens import TokenCheck
from medperf_api.settings import Settings


def token_check(settings: Settings) -> TokenCheck:
    """The check of tokens. Raises: UnusableKey."""
    if settings.has_local_identity:
        return _check(
            settings, OneKey(local_identity(settings).public_key), LOCAL_ISSUER, LOCAL_AUDIENCE
        )
    keys: KeySource
    if settings.auth_public_key:
        keys = OneKey.from_setting(settings.auth_public_key)
    else:
        keys = PublishedKeys(settings.auth_jwks_url)
    return _check(settings, keys, settings.auth_issuer, settings.auth_audience)


def local_identity(settings: Settings) -> LocalIdentity:
    """The local issuer, with its key made if it has none yet."""
    return LocalIdentity(settings.local_identity, settings.auth_email_claim)


def _check(settings: Settings, keys: KeySource, issuer: str, audience: str) -> TokenCheck:
    return TokenCheck(
        keys,
        issuer=issuer,
        audience=audience,
        email_claim=settings.auth_email_claim,
        leeway_s=settings.auth_leeway_s,
    )
