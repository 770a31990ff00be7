"""Bodies: their media type and their size."""

from fastapi import HTTPException, Request


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body, of at most ``max_bytes``. Raises: HTTPException 413, 415."""
    if int(request.headers.get("content-length") or 0) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    if body and not _is_json(request.headers.get("content-type", "")):
        raise HTTPException(415, "Send the body as application/json.")
    return bytes(body)


def _is_json(content_type: str) -> bool:
    """Whether it is JSON; some clients do not say, and mean JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in {"", "application/json"} or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _too_large(max_bytes: int) -> HTTPException:
    return HTTPException(413, f"A body may have at most {max_bytes} bytes.")
