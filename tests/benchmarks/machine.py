"""What a reader has to know of the machine to compare figures: nothing that names it."""

import os
import platform
from datetime import UTC, datetime


def describe_machine() -> str:
    """One line: cores, memory, Python, load and day."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}; {os.getloadavg()[0]:.1f} processes at work "
        f"when it began; {datetime.now(UTC):%Y-%m-%d}."
    )
