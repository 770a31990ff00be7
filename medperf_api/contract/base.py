"""Types every wire model is built from: lenient in what they read, exact in what they hold."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

NAME_LENGTH = 256
TEXT_LENGTH = 16_384
URL_LENGTH = 4_096
HASH_LENGTH = 256
INT32_MAX = 2**31 - 1


def _number_as_text(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _refuse_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("Null characters are not allowed.")
    return value


def _refuse_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("A whole number is needed, not a boolean.")
    return value


def _null_as_empty_text(value: object) -> object:
    return "" if value is None else value


def _null_as_empty_object(value: object) -> object:
    return {} if value is None else value


def _refuse_null(value: object) -> object:
    if value is None:
        raise ValueError("This may not be null.")
    return value


def _as_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``: the only form of a time on the wire."""
    return _as_utc(moment).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _bounded(minimum: int, maximum: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=minimum, max_length=maximum)


# Constraints stand first, so that they hold for the text itself: what follows wraps around them.
_nul_free = AfterValidator(_refuse_nul)
_lenient = BeforeValidator(_number_as_text)
_null_is_empty = BeforeValidator(_null_as_empty_text)

# Text that must be there, and text that may be empty or left out (a null counts as empty).
Name = Annotated[str, _bounded(1, NAME_LENGTH), _nul_free, _lenient]
OptionalName = Annotated[str, _bounded(0, NAME_LENGTH), _nul_free, _lenient, _null_is_empty]
OptionalText = Annotated[str, _bounded(0, TEXT_LENGTH), _nul_free, _lenient, _null_is_empty]
Url = Annotated[str, _bounded(1, URL_LENGTH), _nul_free, _lenient]
OptionalUrl = Annotated[str, _bounded(0, URL_LENGTH), _nul_free, _lenient, _null_is_empty]
Hash = Annotated[str, _bounded(1, HASH_LENGTH), _nul_free, _lenient]
OptionalHash = Annotated[str, _bounded(0, HASH_LENGTH), _nul_free, _lenient, _null_is_empty]

Int32 = Annotated[int, Field(ge=-INT32_MAX - 1, le=INT32_MAX), BeforeValidator(_refuse_boolean)]
Id = Annotated[int, Field(ge=-INT32_MAX - 1, le=INT32_MAX), BeforeValidator(_refuse_boolean)]
Flag = bool
# A document that may be left out (a null counts as empty), and one that must be there.
Json = Annotated[JsonValue, BeforeValidator(_null_as_empty_object)]
NeededJson = Annotated[JsonValue, BeforeValidator(_refuse_null)]
Moment = Annotated[
    datetime,
    AfterValidator(_as_utc),
    PlainSerializer(utc_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]

# The default of a field that a partial update may leave out: never sent, never written.
UNSET: Any = None


class Wire(BaseModel):
    """A body on the wire. Unknown fields are ignored, because old clients send some.

    The server sends every field; what has a default may be missing from what it, or we, read.
    """

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        defer_build=True,
        json_schema_serialization_defaults_required=True,
    )


class Partial(Wire):
    """A partial update: only the fields somebody named count."""

    def changes(self) -> dict[str, Any]:
        """The named fields and their values, in the model's order, fit for a column or for JSON."""
        named = self.model_fields_set
        return {name: getattr(self, name) for name in type(self).model_fields if name in named}


class Registered(Wire):
    """What every registered object carries."""

    id: int
    created_at: Moment
    modified_at: Moment


Item = TypeVar("Item")


class Page(Wire, Generic[Item]):
    """One page of a list; ``next`` and ``previous`` are absolute URLs."""

    count: int
    next: str | None = None
    previous: str | None = None
    results: list[Item]
