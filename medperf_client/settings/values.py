"""Every setting of a profile by its key, and how its text is read. One table for all its sources.

The file of profiles, ``medperf profile set`` and the global options are read by the same parsers.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from medperf_api.contract.local_identity import is_plain_address
from medperf_client.errors import UsageFault
from medperf_client.policy.sandbox import size_bytes

Value = str | int | float | Path | None

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_API_PATH = "/api/v0"
_LOGLEVELS = ("debug", "info", "warning", "error", "critical")


def server_url(text: str) -> str:
    """The address of a server without the API's path or a closing slash."""
    url = text.strip().rstrip("/").removesuffix(_API_PATH).rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment:
        raise UsageFault(
            f"{text!r} is not the address of a server.",
            hint="Write it as https://registry.example.org or http://127.0.0.1:8000.",
        )
    return url


def address(text: str) -> str:
    """An e-mail address."""
    if not is_plain_address(text):
        raise UsageFault(f"{text!r} is not an e-mail address.")
    return text


def seconds(text: str) -> float:
    """A positive number of seconds."""
    return _number(text, "a number of seconds")


def count(text: str) -> int:
    """A positive whole number."""
    number = _number(text, "a whole number")
    if not number.is_integer():
        raise UsageFault(f"{text!r} is not a whole number.")
    return int(number)


def cpus(text: str) -> float:
    """A positive number of processors; half of one is fine."""
    return _number(text, "a number of processors")


def size(text: str) -> int:
    """A positive size, in bytes."""
    number = size_bytes(text)
    if number <= 0:
        raise UsageFault(f"{text!r} is not a size above zero.")
    return number


def plain(text: str) -> str:
    """Text as it is."""
    return text.strip()


def path(text: str) -> Path:
    """A path, absolute."""
    return Path(text).expanduser().absolute()


def choice(*allowed: str, later: Mapping[str, str] | None = None) -> Callable[[str], str]:
    """A parser of one of ``allowed``; what comes ``later`` is refused with its own words."""

    def parse(text: str) -> str:
        word = text.strip().lower()
        if word in allowed:
            return word
        reason = (later or {}).get(word, f"{text!r} is not among them.")
        raise UsageFault(reason, hint=f"Possible now: {', '.join(allowed)}.")

    return parse


def _number(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise UsageFault(f"{text!r} is not {what} above zero.")
    return number


PARSERS: Mapping[str, Callable[[str], Value]] = {
    "server": server_url,
    "identity": choice("local", "oidc"),
    "email": address,
    "issuer": server_url,
    "client_id": plain,
    "audience": plain,
    "certificate": path,
    "storage": path,
    "platform": choice(
        "docker", "podman", later={"slurm": "Slurm clusters cannot be used by this version."}
    ),
    "gpus": plain,
    "shm_size": size,
    "container_loglevel": choice(*_LOGLEVELS),
    "prepare_timeout": seconds,
    "sanity_check_timeout": seconds,
    "statistics_timeout": seconds,
    "infer_timeout": seconds,
    "evaluate_timeout": seconds,
    "memory": size,
    "cpus": cpus,
    "pids": count,
    "tmp_size": size,
    "log_size": size,
    "output_size": size,
    "output_files": count,
}


def read_value(key: str, text: str) -> Value:
    """The value of a setting's text; empty text is no value. Raises: UsageFault, naming the key."""
    if not text.strip():
        return None
    try:
        return PARSERS[key](text)
    except UsageFault as fault:
        raise UsageFault(f"{key}: {fault.message}", hint=fault.hint) from None
