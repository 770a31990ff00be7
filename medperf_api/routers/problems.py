"""Refusals become replies here, and nowhere else."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.routing import Match

from medperf_api.contract.errors import ErrorCode
from medperf_api.errors import (
    InUse,
    Invalid,
    KeyReused,
    Malformed,
    NotAuthenticated,
    NotFound,
    NotJson,
    NotPermitted,
    Refusal,
    Stale,
    Unavailable,
)
from medperf_api.routers.dependencies import identify
from medperf_api.routers.idempotency import AlreadyAnswered, answered_again
from medperf_api.routers.paths import API
from medperf_api.routers.replies import Reply
from medperf_api.routers.request_ids import HEADER, name_of
from medperf_api.routers.security_headers import headers_of_failure

STATUSES: Mapping[type[Refusal], int] = {
    Malformed: 400,
    Invalid: 400,
    NotAuthenticated: 401,
    NotPermitted: 403,
    NotFound: 404,
    InUse: 409,
    KeyReused: 409,
    Stale: 412,
    NotJson: 415,
    Unavailable: 503,
}

HEADERS: Mapping[type[Refusal], Mapping[str, str]] = {
    NotAuthenticated: {"WWW-Authenticate": "Bearer"},
    Unavailable: {"Retry-After": "1"},
}

METHODS = ("DELETE", "GET", "POST", "PUT")

_HTTP_CODES: Mapping[int, ErrorCode] = {413: ErrorCode.TOO_LARGE}


def install(app: FastAPI) -> None:
    """Have ``app`` answer refusals in the contract's shapes."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _http_refused)
    app.add_exception_handler(AlreadyAnswered, answered_again)
    app.add_exception_handler(Exception, _failed)


async def _refused(_: Request, refusal: Exception) -> Reply:
    if isinstance(refusal, Invalid):
        return Reply({**refusal.by_field(), "code": refusal.shared_code()}, status_code=400)
    kind = type(refusal)
    assert issubclass(kind, Refusal)  # noqa: S101  the handler is installed for refusals
    body = {"detail": str(refusal), "code": kind.code}
    headers = dict(HEADERS.get(kind, {}))
    return Reply(body, status_code=STATUSES[kind], headers=headers)


async def _http_refused(request: Request, error: Exception) -> Reply:
    assert isinstance(error, HTTPException)  # noqa: S101  the handler is installed for these
    if error.status_code == 404:
        return await _refused(request, NotFound())
    if error.status_code == 405:
        return await _not_possible(request)
    code = _HTTP_CODES.get(error.status_code, ErrorCode.MALFORMED)
    body = {"detail": error.detail, "code": code}
    return Reply(body, status_code=error.status_code, headers=error.headers)


async def _not_possible(request: Request) -> Reply:
    """Who calls comes first here, too: nobody learns what is possible where a token is needed."""
    if request.scope["path"].startswith(API):
        try:
            await identify(request)
        except NotAuthenticated as refusal:
            return await _refused(request, refusal)
    allowed = ", ".join(_methods_at(request))
    body = {
        "detail": f"{request.method} is not possible here. What is: {allowed}.",
        "code": ErrorCode.METHOD_NOT_ALLOWED,
    }
    return Reply(body, status_code=405, headers={"Allow": allowed})


def _methods_at(request: Request) -> list[str]:
    served = [method for method in METHODS if _is_served(request, method)]
    # What can be read can be asked about without its body.
    return sorted([*served, "HEAD"] if "GET" in served else served)


def _is_served(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)


async def _failed(request: Request, _: Exception) -> Reply:
    body = {
        "detail": "The server failed. What you asked for may not have happened; look before you "
        "try again.",
        "code": ErrorCode.UNEXPECTED,
    }
    # This reply is sent from outside of what adds headers to others.
    headers = {HEADER: name_of(request), **headers_of_failure(request.scope)}
    return Reply(body, status_code=500, headers=headers)
