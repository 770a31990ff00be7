"""The certificate that a server shows, looked at before anything listens."""

import ssl
from pathlib import Path


class UnusableCertificate(Exception):
    """The files of ``--tls-cert`` and ``--tls-key`` serve nobody."""


def refuse_unless_pair(certificate: Path | None, key: Path | None) -> None:
    """Nothing at all is a pair too: then there is no TLS. Raises: UnusableCertificate."""
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        given, missing = ("--tls-cert", "--tls-key") if certificate else ("--tls-key", "--tls-cert")
        raise UnusableCertificate(f"{given} needs {missing} too. Nothing is served; give both.")
    _refuse_unreadable("--tls-cert", certificate)
    _refuse_unreadable("--tls-key", key)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, _no_password)
    except ssl.SSLError as error:
        raise UnusableCertificate(_told(certificate, key, error)) from error


def _refuse_unreadable(option: str, path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise UnusableCertificate(
            f"{option}: {path} cannot be read ({error.strerror}). Nothing is served."
        ) from error


def _no_password() -> str:
    """Without it a locked key would ask at the terminal, once for each worker."""
    return ""


def _told(certificate: Path, key: Path, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return (
            f"--tls-key: {key} is not the key of the certificate in {certificate}. "
            "Nothing is served; give the pair that was made together."
        )
    return (
        f"--tls-cert {certificate} and --tls-key {key} are not a certificate and its key, "
        "both as PEM and without a password. Nothing is served."
    )
