"""Bodies: their media type and their size."""

from dataclasses import dataclass

from fastapi import HTTPException, Request


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent, and whether it says that it is JSON. It is judged after permission."""

    content: bytes
    says_json: bool


async def read_body(request: Request, max_bytes: int) -> Body:
    """The whole body, of at most ``max_bytes``. Raises: HTTPException 413."""
    if int(request.headers.get("content-length") or 0) > max_bytes:
        raise _too_large(max_bytes)
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > max_bytes:
            raise _too_large(max_bytes)
    return Body(bytes(content), _says_json(request.headers.get("content-type", "")))


def _says_json(content_type: str) -> bool:
    """Whether the body is to be read as JSON; some clients say nothing, and mean that."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"", "application/json"} or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _too_large(max_bytes: int) -> HTTPException:
    return HTTPException(
        413, f"The body is too large: {max_bytes} bytes is the most. Nothing was changed."
    )
