"""What the name of an asset means: where it lies, and who besides this machine can fetch it."""

import re
from pathlib import Path

from medperf_client.errors import UsageFault

DIRECT = "direct:"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def bare(source: str) -> str:
    """The URL or path itself, without the prefix that older clients write."""
    return source.strip().removeprefix(DIRECT)


def scheme(source: str) -> str | None:
    """``https``, ``http``, ``file`` or whatever else a URL begins with; None for a path."""
    found = _SCHEME.match(bare(source))
    return found[1].lower() if found else None


def registered_url(source: str) -> str:
    """What is registered for ``source``: a URL as it was given, a path as a file's URL.

    Raises: UsageFault, for a URL with a password in it: everyone sees what is registered.
    """
    if scheme(source) is None:
        return Path(bare(source)).absolute().as_uri()
    if "@" in bare(source).partition("://")[2].partition("/")[0]:
        raise UsageFault(
            "The URL of an asset holds a user's name or password.",
            hint="Everyone sees what is registered. Give an address that needs none.",
        )
    return source.strip()


def is_for_others(source: str) -> bool:
    """Whether other machines can fetch ``source``, as far as its name tells."""
    return scheme(source) not in {None, "file"}


def file_name(source: str) -> str:
    """The last part of a URL or path: what messages call the file. Safe as a file's name."""
    name = re.split("[?#]", bare(source))[0].rpartition("/")[2][-100:]
    return "file" if name in {"", ".", ".."} or "\0" in name else name
