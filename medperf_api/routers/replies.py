"""Replies: rows written by orjson as they come, and the links of a page."""

from collections.abc import Mapping, Sequence

import orjson
from fastapi import Request
from starlette.responses import Response

from medperf_api.services.paging import PageOfRows


class Reply(Response):
    """A JSON body."""

    media_type = "application/json"

    def render(self, content: Mapping[str, object] | Sequence[Mapping[str, object]]) -> bytes:
        """Write ``content``, which holds nothing that orjson would not write."""
        return orjson.dumps(content)


class AsWritten(Response):
    """A JSON body that was written before."""

    media_type = "application/json"


def nothing() -> Response:
    """An object is gone."""
    return Response(status_code=204)


def page_of(request: Request, page: PageOfRows) -> Reply:
    """One page of a list, with links to the next and the one before."""
    asked = page.listing
    after, before = asked.offset + asked.limit, asked.offset - asked.limit
    return Reply(
        {
            "count": page.count,
            "next": _link(request, asked.limit, after) if after < page.count else None,
            "previous": _link(request, asked.limit, before) if asked.offset > 0 else None,
            "results": page.rows,
        }
    )


def _link(request: Request, limit: int, offset: int) -> str:
    url = request.url.include_query_params(limit=limit)
    if offset <= 0:
        return str(url.remove_query_params("offset"))
    return str(url.include_query_params(offset=offset))
