"""Headers that tell browsers and caches what they may not do with a reply."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
)
_PRIVATE = (*_ALWAYS, (b"cache-control", b"no-store"))
# A browser would otherwise try the plain address once more each time.
_TLS = ((b"strict-transport-security", b"max-age=31536000"),)

_PUBLIC_PATHS = ("/assets/",)


class SecurityHeaders:
    """Adds them to every reply; only assets may be kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add to its reply."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_headers_for(scope)]
            await send(message)

        await self._app(scope, receive, send_guarded)


def _headers_for(scope: Scope) -> tuple[tuple[bytes, bytes], ...]:
    headers = _ALWAYS if scope["path"].startswith(_PUBLIC_PATHS) else _PRIVATE
    return headers + _TLS if scope["scheme"] == "https" else headers


def headers_of_failure(scope: Scope) -> dict[str, str]:
    """The same, for the reply that is sent from outside of all middleware."""
    return {name.decode(): value.decode() for name, value in _headers_for(scope)}
