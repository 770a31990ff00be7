"""The client's own log: requests on stderr, the unexpected in a file. No bodies, tokens or data."""

import logging
import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

from medperf_client.errors import UsageFault
from medperf_client.settings.locations import find_locations

LEVELS = ("debug", "info", "warning", "error", "critical")
# httpx tells one line a request: method, address, status.
_TALKERS = ("httpx", "medperf_client")


def show_log(level: str) -> None:
    """Show what is logged at ``level`` on stderr. Raises: UsageFault."""
    if level not in LEVELS:
        raise UsageFault(
            f"{level!r} is no level of the log.", hint=f"Possible: {', '.join(LEVELS)}."
        )
    for name in _TALKERS:
        logger = logging.getLogger(name)
        logger.setLevel(level.upper())
        if not logger.handlers:
            logger.addHandler(logging.StreamHandler())
            logger.propagate = False


def keep_trace(fault: BaseException, file: Path | None = None) -> None:
    """Append the kind of ``fault`` and the lines of code it came through.

    Its message is left out, because it may quote what was being worked on.
    """
    file = file or find_locations(os.environ).log_file
    frames = "".join(traceback.format_tb(fault.__traceback__))
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as stream:
            stream.write(f"{moment} {type(fault).__name__}\n{frames}")
    except OSError:
        # A log that cannot be written must not hide the failure it is about.
        return
