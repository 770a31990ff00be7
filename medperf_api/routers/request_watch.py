"""What is told of each request once it is answered: a line in the log, a count. Never its values.

A route is told by its template, so that neither an object's number nor a query gets into a log.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from medperf_api.logs import REQUESTS
from medperf_api.routers.paths import API

NO_ROUTE = "none"
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

_log = logging.getLogger(REQUESTS)


@dataclass(frozen=True, slots=True)
class Answered:
    """One request, when its reply is out."""

    method: str
    route: str
    status: int
    duration_s: float
    request_id: str
    user_id: int | None
    error: Exception | None


Watcher = Callable[[Answered], None]


class RequestWatch:
    """Tells every watcher of every request."""

    def __init__(self, app: ASGIApp, watchers: tuple[Watcher, ...]) -> None:
        self._app = app
        self._watchers = watchers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch its reply."""
        if scope["type"] != "http" or not self._watchers:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        # What a reply that never came, or that failed, counts as.
        status = 500
        failure: Exception | None = None

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception as error:
            failure = error
            raise
        finally:
            answered = _answered(scope, status, time.perf_counter() - began, failure)
            for watcher in self._watchers:
                watcher(answered)


def _answered(scope: Scope, status: int, duration_s: float, failure: Exception | None) -> Answered:
    state, method = scope["state"], scope["method"]
    return Answered(
        method=method if method in _METHODS else "other",
        route=_template(scope),
        status=500 if failure else status,
        duration_s=duration_s,
        request_id=state["request_id"],
        user_id=state.get("user_id"),
        error=failure,
    )


def _template(scope: Scope) -> str:
    path: str = getattr(scope.get("route"), "path", NO_ROUTE)
    # A route of an included router leaves out the prefix that it was included under.
    under_api = scope["path"].startswith(API + "/") and path.startswith("/")
    return API + path if under_api and not path.startswith(API) else path


def log_request(answered: Answered) -> None:
    """Write its line."""
    line = {
        "method": answered.method,
        "route": answered.route,
        "status": answered.status,
        "duration_ms": round(answered.duration_s * 1_000, 3),
        "request_id": answered.request_id,
        "user_id": answered.user_id,
    }
    if answered.error is None:
        _log.info(line)
    else:
        _log.error(line, exc_info=answered.error)
