"""The server's log: one JSON object a line, and no value that a caller sent.

Of an exception stay its kind and where it passed: its message may quote a patient's statistics.
"""

import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import orjson

REQUESTS = "medperf.requests"


class JsonLines(logging.Formatter):
    """Writes a record; a mapping as its message becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        said = record.msg if isinstance(record.msg, dict) else {"message": record.getMessage()}
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            **said,
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = kinds_and_places(record.exc_info[1])
        return orjson.dumps(line, default=repr).decode()


def kinds_and_places(error: BaseException) -> list[str]:
    """The chain of exceptions, the first cause first, without their messages."""
    lines: list[str] = []
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = traceback.extract_tb(link.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        lines = [type(link).__qualname__, *places, *lines]
        link = link.__cause__ or link.__context__
    return lines


class OnceOnly(logging.Filter):
    """Leaves out what the line of the request already tells."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write it."""
        return not (record.exc_info and record.getMessage().startswith("Exception in ASGI"))


# For uvicorn, which applies it in each of its processes.
CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"once": {"()": OnceOnly}},
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["once"]}
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {REQUESTS: {"level": "INFO"}},
}
