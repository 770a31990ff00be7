"""Paths: numbers in them, the slash at their end that old clients leave out, and their nouns."""

from fastapi import APIRouter
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from medperf_api.contract.base import INT32_MAX

API = "/api/v0"

# No object has this number, so what is asked for under it is not there.
NO_OBJECT = 0


class NumberConvertor(Convertor[int]):
    """An object's number; one that no object can have stands for none, whatever its length."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """The number, within what a database's integer holds."""
        digits = value.lstrip("0")
        if len(digits) > len(str(INT32_MAX)):
            return NO_OBJECT
        number = int(digits or "0")
        return number if number <= INT32_MAX else NO_OBJECT

    def to_string(self, value: int) -> str:
        """The number as text."""
        return str(value)


register_url_convertor("number", NumberConvertor())


class NounRouter(APIRouter):
    """The routes below one noun, which are not looked at for the paths of another."""

    def __init__(self, noun: str, tag: str | None = None) -> None:
        super().__init__(prefix=f"/{noun}", tags=[tag or noun])
        self._below = f"{API}/{noun}/"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes is asked for."""
        if not scope["path"].startswith(self._below):
            return Match.NONE, {}
        return super().matches(scope)


class BothSlashForms:
    """Serves the API's paths with and without their last slash, without a redirect."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the slash where it is missing."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if not path.endswith("/") and path.startswith(API + "/"):
                # In place: what logs the request needs the route that is found below.
                scope["path"] = path + "/"
        await self._app(scope, receive, send)
