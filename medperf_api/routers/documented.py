"""What the OpenAPI document says of a route: rows are written directly, so nothing is inferred."""

from functools import cache
from typing import Any, cast

from pydantic import create_model

from medperf_api.contract.base import Page, Wire
from medperf_api.contract.errors import Problem
from medperf_api.routers.lists import parameters_of
from medperf_api.services.shapes import Shape

_DESCRIPTIONS = {
    400: "What is wrong, by field, or with a header.",
    401: "No token, or one that does not count.",
    403: "The caller may not do this.",
    404: "There is no such object.",
    409: "Other objects refer to this one, or the key belongs to another request.",
    412: "The object is no longer at the version that If-Match names.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    503: "It cannot do its work at the moment.",
}

_VERSION = {"ETag": {"description": "The version of the object.", "schema": {"type": "string"}}}

_HEADERS = {
    401: {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}},
}


def answers(model: Any, *refusals: int) -> dict[str, Any]:
    """A route that answers with ``model``."""
    return {"response_model": model, "responses": refused_with(401, 503, *refusals)}


def shows(model: Any, *refusals: int) -> dict[str, Any]:
    """One object, whose version a caller may have already."""
    route = answers(model, 400, *refusals)
    unchanged = {"description": "The caller has this version already.", "headers": _VERSION}
    responses = {200: {"headers": _VERSION}, 304: unchanged, **route["responses"]}
    asked = _header("If-None-Match", "Versions that need not be sent again.")
    return {**route, "responses": responses, "openapi_extra": {"parameters": [asked]}}


def lists(shape: Shape, model: type[Wire], *refusals: int) -> dict[str, Any]:
    """A list, with its filters and orders."""
    return {
        **answers(_page_of(model), 400, *refusals),
        "openapi_extra": {"parameters": parameters_of(shape)},
    }


def creates(body: type[Wire], model: type[Wire], *refusals: int) -> dict[str, Any]:
    """A new object, made once however often it is asked for with one key."""
    key = _header("Idempotency-Key", "Your own word for this request; good for 24 hours.")
    return {**_takes(body, model, 201, key, 409, *refusals), "status_code": 201}


def updates(body: type[Wire], model: type[Wire]) -> dict[str, Any]:
    """A partial update."""
    return _takes(body, model, 200, _IF_MATCH, 403, 404, 412)


def deletes() -> dict[str, Any]:
    """A deletion, for admins."""
    return {
        "status_code": 204,
        "responses": refused_with(400, 401, 403, 404, 409, 412, 503),
        "openapi_extra": {"parameters": [_IF_MATCH]},
    }


@cache
def _page_of(model: type[Wire]) -> type[Wire]:
    """A page with a name that generated clients can use, such as ``CubeReadPage``."""
    generic: Any = Page.__class_getitem__(model)
    name, doc = f"{model.__name__}Page", f"A page of {model.__name__}."
    page: Any = create_model(name, __base__=generic, __doc__=doc)
    return cast("type[Wire]", page)


def _takes(
    body: type[Wire], model: type[Wire], status: int, header: dict[str, Any], *refusals: int
) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{body.__name__}"}
    content = {"application/json": {"schema": reference}}
    route = answers(model, 400, 413, 415, *refusals)
    return {
        **route,
        "responses": {status: {"headers": _VERSION}, **route["responses"]},
        "openapi_extra": {
            "parameters": [header],
            "requestBody": {"required": True, "content": content},
        },
    }


def _header(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


_IF_MATCH = _header("If-Match", "The versions that the change is meant for.")


def refused_with(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: _refusal(status) for status in sorted(statuses)}


def _refusal(status: int) -> dict[str, Any]:
    told = {"model": Problem, "description": _DESCRIPTIONS[status]}
    return {**told, "headers": _HEADERS[status]} if status in _HEADERS else told
