"""Each request's name: the caller's if it is a plain word, else a new one; sent back always.

It goes into the audit table and the log, so that an entry, a line and a reply can be put together.
"""

import re
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """Keeps the name under ``request.state.request_id`` and in the reply's header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request before anything else sees it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = _name(Headers(scope=scope).get(HEADER, ""))
        # The scope is changed in place: whoever answers a failure outside of here needs it too.
        scope.setdefault("state", {})["request_id"] = name

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        await self._app(scope, receive, send_named)


def name_of(request: Request) -> str:
    """The request's name."""
    name: str = request.state.request_id
    return name


def _name(sent: str) -> str:
    return sent if _PLAIN.fullmatch(sent) else uuid4().hex
