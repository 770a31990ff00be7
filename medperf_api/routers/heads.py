"""HEAD, which is GET without the body: what watches a server often asks no more."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FILES = "/assets/"


class HeadIsGet:
    """Answers HEAD with what GET would say, but for files, whose own route knows it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HEAD on as GET, and leave the body of the reply out."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(_FILES):
            await self._app(scope, receive, send)
            return

        async def send_bodiless(message: Message) -> None:
            # From here on it is HEAD again: the server that writes the reply goes by that.
            scope["method"] = "HEAD"
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["method"] = "GET"
        try:
            await self._app(scope, receive, send_bodiless)
        finally:
            scope["method"] = "HEAD"
