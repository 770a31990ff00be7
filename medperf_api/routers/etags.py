"""Versions in headers: ``ETag``, ``If-Match`` and ``If-None-Match``, as RFC 9110 has them."""

import re

from fastapi import Request
from starlette.responses import Response

from medperf_api.domain.versions import ANY_VERSION, Expected
from medperf_api.errors import Malformed
from medperf_api.routers.replies import Reply
from medperf_api.services.associations import History
from medperf_api.services.shapes import WireObject

_TAG = r'(?:W/)?"[!#-~]*"'
_TAGS = re.compile(rf"[ \t]*{_TAG}(?:[ \t]*,[ \t]*{_TAG})*[ \t]*")
_EACH = re.compile(_TAG)

_WEAK = "W/"


def expected(request: Request) -> Expected:
    """The versions a change is meant for. Raises: Malformed.

    A weak tag never matches: two versions may share it.
    """
    tags = _tags(request, "if-match")
    if tags is None:
        return ANY_VERSION
    return Expected(frozenset(tag.strip('"') for tag in tags if not tag.startswith(_WEAK)))


def _tags(request: Request, header: str) -> list[str] | None:
    """The quoted tags; None where there is no header, or its ``*`` takes any."""
    lines = request.headers.getlist(header)
    if not lines or lines == ["*"]:
        return None
    text = ",".join(lines)
    if not _TAGS.fullmatch(text):
        raise Malformed(f'{header} takes * or quoted tags, such as "7.3".')
    return _EACH.findall(text)


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller has this version already. Raises: Malformed."""
    if "if-none-match" not in request.headers:
        return False
    tags = _tags(request, "if-none-match")
    return tags is None or any(known.removeprefix(_WEAK) == f'"{tag}"' for known in tags)


def current(found: WireObject, status: int = 200) -> Reply:
    """One object, and its version."""
    return Reply(found.fields, status_code=status, headers=_header(found.tag))


def shown(request: Request, found: WireObject) -> Response:
    """One object, or only its version when the caller has that already."""
    return _unchanged(found.tag) if is_known(request, found.tag) else current(found)


def shown_history(request: Request, history: History) -> Response:
    """A pair's associations, or only their version when the caller has that already."""
    if is_known(request, history.tag):
        return _unchanged(history.tag)
    return Reply(history.entries, headers=_header(history.tag))


def _unchanged(tag: str) -> Response:
    return Response(status_code=304, headers=_header(tag))


def _header(tag: str) -> dict[str, str]:
    return {"ETag": f'"{tag}"'}
