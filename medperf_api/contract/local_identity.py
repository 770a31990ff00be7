"""Where a local server leaves the tokens that a local client picks up.

    <folder>/private_key.pem       the server's RSA key, which signs them
    <folder>/tokens/<email>.jwt    one token a person, as text

The folder is ``MEDPERF_LOCAL_IDENTITY`` or the default below; folders are 0700 and files 0600.
"""

from pathlib import Path

FOLDER_SETTING = "MEDPERF_LOCAL_IDENTITY"
DEFAULT_FOLDER = "~/.medperf-server/identity"

LOCAL_ISSUER = "medperf-local"
LOCAL_AUDIENCE = "medperf"

# Who takes part in the tutorials: admin, benchmark owner, model owner, data owner.
TUTORIAL_EMAILS = (
    "testadmin@example.com",
    "testbo@example.com",
    "testmo@example.com",
    "testdo@example.com",
)


def key_path(folder: Path) -> Path:
    """The file of the private key."""
    return folder / "private_key.pem"


def token_path(folder: Path, email: str) -> Path:
    """The file of one person's token. Raises: ValueError, when ``email`` is no plain address."""
    if not is_plain_address(email):
        raise ValueError(f"{email!r} is not an e-mail address.")
    return folder / "tokens" / f"{email}.jwt"


def is_plain_address(email: str) -> bool:
    """Whether ``email`` looks like an address and is safe as the name of a file."""
    name, at, domain = email.partition("@")
    return (
        bool(at and name and domain)
        and len(email) <= 200
        and not name.startswith(".")
        and email.isprintable()
        and not set(email) & set("/\\ \"'<>|:*?")
    )
