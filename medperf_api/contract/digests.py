"""Digests that name data and images: pure functions over what somebody else has read."""

import hashlib
import unicodedata
from collections.abc import Iterable

IMAGE_PREFIX = "sha256:"


def text_digest(content: bytes) -> str:
    """SHA-256 of ``content``, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def folder_digest(files: Iterable[tuple[str, str]]) -> str:
    """Digest of a folder from its files, 64 hexadecimal digits.

    ``files`` are pairs of a path relative to the folder, with ``/`` between its parts, and the
    SHA-256 of the file's content. Order does not matter; names are compared in Unicode's NFC, so
    that a folder has one digest on Linux and macOS. Each name goes in with its length before it,
    so that no name can pass for two.
    """
    total = hashlib.sha256(b"medperf folder 1\n")
    for name, digest in sorted((unicodedata.normalize("NFC", name), sha) for name, sha in files):
        encoded = name.encode("utf-8", "surrogateescape")
        total.update(b"%d %s %s\n" % (len(encoded), encoded, digest.encode("ascii")))
    return total.hexdigest()


def combined_digest(digests: Iterable[str]) -> str:
    """Digest of several digests in the order given: a dataset is its data, then its labels."""
    return hashlib.sha256("\n".join(digests).encode("ascii")).hexdigest()


def image_digest(value: str) -> str:
    """``value`` as ``sha256:`` and 64 digits; older servers keep the digits alone."""
    value = value.strip().lower()
    return value if value.startswith(IMAGE_PREFIX) else IMAGE_PREFIX + value
