"""The ``Idempotency-Key`` of a request, and the answer that is given again."""

import re
from hashlib import sha256

from fastapi import Request

from medperf_api.domain.access import Caller
from medperf_api.errors import Malformed
from medperf_api.routers.replies import AsWritten
from medperf_api.services.idempotency import Answer, KeyedRequest

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"

KEY_LENGTH = 255
_KEY = re.compile(rf"[!-~]{{1,{KEY_LENGTH}}}")


class AlreadyAnswered(Exception):
    """The request was carried out before, so it is not again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


def keyed_request(request: Request, caller: Caller, body: bytes) -> KeyedRequest | None:
    """The key and what it stands for; None without a key. Raises: Malformed."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise Malformed(
            f"{HEADER} takes 1 to {KEY_LENGTH} visible ASCII characters without a space."
        )
    # The body counts as it was sent: a client that repeats a request sends the same bytes.
    asked = request.scope["path"].encode() + b"\n" + body
    return KeyedRequest(caller, key, sha256(asked).hexdigest())


async def answered_again(_: Request, error: Exception) -> AsWritten:
    """The first answer, marked as such."""
    assert isinstance(error, AlreadyAnswered)  # noqa: S101  the handler is installed for these
    answer = error.answer
    headers = {"ETag": f'"{answer.tag}"', REPLAYED_HEADER: "true"}
    return AsWritten(answer.body, status_code=answer.status, headers=headers)
