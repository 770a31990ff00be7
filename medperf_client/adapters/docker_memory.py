"""Whether a container that ended was stopped for its memory, asked until the engine is sure."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

_KILLED = 128 + 9
# The kernel's report may reach the engine after the container's end; its flag is not set any more
# then (1 of 150 ends on a busy machine), but the event is told all the same.
_LATE = timedelta(seconds=3)


def ran_out_of_memory(api: Any, container: str, code: int) -> bool:
    """What the engine's flag says, and for a container that was killed also its events."""
    if code == 0:
        return False
    state = api.inspect_container(container)["State"]
    if state.get("OOMKilled", False):
        return True
    return code == _KILLED and _was_reported(api, container, state)


def _was_reported(api: Any, container: str, state: dict[str, Any]) -> bool:
    """By the engine's clock, which need not be ours, until a moment after the end."""
    try:
        started, finished = (
            datetime.fromisoformat(state[f"{at}At"]) for at in ("Started", "Finished")
        )
    except (KeyError, ValueError):
        return False
    events = api.events(
        since=started.timestamp(),
        until=(finished + _LATE).timestamp(),
        filters={"container": container, "event": "oom"},
        decode=True,
    )
    with _closing(events):
        return next(iter(events), None) is not None


@contextlib.contextmanager
def _closing(stream: Any) -> Iterator[None]:
    try:
        yield
    finally:
        # The stream's own close() leaves the descriptor to the garbage collector.
        stream._response.close()
