"""Where the client keeps its files, and how the environment moves them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from medperf_api.contract.local_identity import DEFAULT_FOLDER, FOLDER_SETTING

STORAGE_SETTING = "MEDPERF_STORAGE"
CONFIG_SETTING = "MEDPERF_CONFIG_PATH"

_HOME = "~/.medperf"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Locations:
    """Paths of one user's client; none of them need exist."""

    config_file: Path
    storage: Path
    local_identity: Path
    storage_is_set: bool = False  # by the environment, which then wins over a profile

    @property
    def token_file(self) -> Path:
        """Stored logins, beside the profiles they belong to."""
        return self.config_file.with_name("tokens.json")

    @property
    def log_file(self) -> Path:
        """The client's own log."""
        return self.storage / "logs" / "medperf.log"


def find_locations(environment: Mapping[str, str]) -> Locations:
    """The paths that ``environment`` asks for, absolute."""
    storage = environment.get(STORAGE_SETTING)
    return Locations(
        config_file=_path(environment.get(CONFIG_SETTING) or f"{_HOME}/config.yaml"),
        storage=_path(storage or _HOME),
        local_identity=_path(environment.get(FOLDER_SETTING) or DEFAULT_FOLDER),
        storage_is_set=bool(storage),
    )


def server_folder(server: str) -> str:
    """A folder's name for a server's storage: ``127.0.0.1_8000``."""
    parts = urlsplit(server)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 443)
    return f"{re.sub(r'[^A-Za-z0-9.-]', '_', parts.hostname or 'server')}_{port}"


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()
