"""What a list can be asked, read leniently from the query and written into the document."""

from typing import Annotated, Any

from fastapi import Depends, Request

from medperf_api.services.listing import FILTERS, Listing, filter_columns, orderings
from medperf_api.services.shapes import Shape

DEFAULT_LIMIT = 32
MAX_LIMIT = 1_000
MAX_OFFSET = 2**31 - 1


async def _asked(request: Request) -> Listing:
    query = request.query_params
    if not query:
        return Listing()
    return Listing(
        limit=min(_count(query.get("limit")) or DEFAULT_LIMIT, MAX_LIMIT),
        offset=min(_count(query.get("offset")), MAX_OFFSET),
        ordering=query.get("ordering", ""),
        filters={name: value for name, value in query.items() if name in FILTERS},
    )


def _count(text: str | None) -> int:
    """The number in ``text``; 0 where there is none that makes sense."""
    if text is None or not (text.isascii() and text.isdigit()):
        return 0
    return int(text) if len(text) <= len(str(MAX_OFFSET)) else MAX_OFFSET


Asked = Annotated[Listing, Depends(_asked)]


def parameters_of(shape: Shape) -> list[dict[str, Any]]:
    """The query parameters of a list, as OpenAPI has them."""
    pages = [
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 32}),
        _parameter("offset", {"type": "integer", "minimum": 0, "default": 0}),
        _parameter("ordering", {"type": "string", "enum": list(orderings(shape))}),
    ]
    return pages + [_parameter(name, _schema(name)) for name in filter_columns(shape)]


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _schema(name: str) -> dict[str, Any]:
    schema = FILTERS[name].json_schema(ref_template="#/components/schemas/{model}")
    return {key: value for key, value in schema.items() if key not in {"title", "description"}}
