"""Under which address the server was called, and so which one its links name.

The ``Host`` header is the caller's word. It counts only if it is an address, and one of those an
operator allowed; a public address that is set replaces it. ``X-Forwarded-Host`` never counts.
"""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from medperf_api.contract.errors import ErrorCode
from medperf_api.routers.replies import Reply

_ADDRESS = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

# HTTP/1.0 may leave it out; links then name what the socket says.
_NONE = ""

_UNKNOWN = "The Host header names another server. Call this one by its own address."


class KnownHosts:
    """Refuses hosts that are none of ``allowed``; any is allowed where none is named."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = frozenset(name.lower() for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or answer 400."""
        if scope["type"] == "http" and not self._knows(Headers(scope=scope).get("host", _NONE)):
            body = {"detail": _UNKNOWN, "code": ErrorCode.MALFORMED}
            await Reply(body, status_code=400)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _knows(self, host: str) -> bool:
        if host == _NONE:
            return not self._allowed
        address = _ADDRESS.fullmatch(host)
        if address is None:
            return False
        return not self._allowed or address["name"].lower() in self._allowed


class PublicAddress:
    """Has every request look as if it came to the public address, whatever proxies made of it."""

    def __init__(self, app: ASGIApp, url: str) -> None:
        self._app = app
        parts = urlsplit(url)
        self._scheme = parts.scheme
        self._host = (b"host", parts.netloc.encode("ascii"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replace what the caller said."""
        if scope["type"] == "http":
            others = [header for header in scope["headers"] if header[0] != b"host"]
            scope["scheme"], scope["headers"] = self._scheme, [self._host, *others]
        await self._app(scope, receive, send)
