"""The shapes of a refusal on the wire, and the stable words that programs read."""

from enum import StrEnum

from pydantic import ConfigDict

from medperf_api.contract.base import Wire

NON_FIELD = "non_field_errors"


class ErrorCode(StrEnum):
    """Why a request was refused. A word once used keeps its meaning."""

    NOT_AUTHENTICATED = "not_authenticated"
    NOT_PERMITTED = "not_permitted"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTED = "unsupported_media_type"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    INVALID = "invalid"
    NOT_UNIQUE = "not_unique"
    ILLEGAL_MOVE = "illegal_move"
    NOT_EDITABLE = "not_editable"
    NOT_READY = "not_ready"
    OWN_REQUEST = "own_request"
    IN_USE = "in_use"
    STALE = "stale"
    KEY_REUSED = "idempotency_key_reused"
    UNAVAILABLE = "unavailable"
    UNEXPECTED = "unexpected"


class Problem(Wire):
    """The body of a refusal: ``detail`` for people, or one list of messages a field."""

    # One of both may be missing from what is sent, unlike in other bodies.
    model_config = ConfigDict(
        extra="allow", frozen=True, json_schema_serialization_defaults_required=False
    )

    code: ErrorCode | None = None
    detail: str | None = None

    def messages(self) -> dict[str, list[str]]:
        """The messages by field, in the order they came; the detail under ``detail``."""
        fields = {
            name: [str(entry) for entry in value] if isinstance(value, list) else [str(value)]
            for name, value in (self.model_extra or {}).items()
        }
        return {"detail": [self.detail], **fields} if self.detail else fields
