"""A body as it arrived: peeked into for permission, read only once that is settled."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from medperf_api.contract.base import Id, Wire
from medperf_api.errors import Fault, Invalid, Malformed, NotJson
from medperf_api.services.wording import faults_of

Model = TypeVar("Model", bound=Wire)

# What is read here is written again by orjson, which stops at 254.
MAX_DEPTH = 100

_ID: TypeAdapter[int] = TypeAdapter(Id)


class Draft(Generic[Model]):
    """What somebody sent and nobody has judged yet."""

    def __init__(self, raw: bytes, model: type[Model], *, says_json: bool = True) -> None:
        self._raw = raw
        self._model = model
        self._says_json = says_json

    @cached_property
    def _fields(self) -> Mapping[str, object]:
        if not self._raw.strip():
            return {}
        if not self._says_json:
            raise NotJson()
        try:
            parsed = orjson.loads(self._raw)
        except orjson.JSONDecodeError as error:
            raise Malformed(f"The body is not valid JSON: {error.msg}.") from error
        if not isinstance(parsed, dict):
            raise Invalid(Fault("A JSON object is needed, not a list or a single value."))
        if _brackets(self._raw) > MAX_DEPTH and any(_deep_values(parsed)):
            raise Malformed(f"JSON nested deeper than {MAX_DEPTH} levels is not accepted.")
        return parsed

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def peek_id(self, name: str) -> int | None:
        """The number under ``name``, if it is one: enough to ask whose object it is."""
        try:
            return _ID.validate_python(self._fields.get(name))
        except ValidationError:
            return None

    def read(self) -> Model:
        """The body as its model. Raises: Invalid, with every field's fault."""
        try:
            model = self._model.model_validate(self._fields)
        except ValidationError as error:
            raise Invalid(*faults_of(error)) from error
        if faults := list(self._nul_faults()):
            raise Invalid(*faults)
        return model

    def _nul_faults(self) -> Iterator[Fault]:
        """JSON documents with a null character, which PostgreSQL cannot hold."""
        if b"\\u0000" not in self._raw:
            return
        for name in self._model.model_fields.keys() & self._fields.keys():
            if any("\x00" in text for text in _texts(self._fields[name])):
                yield Fault("Null characters are not allowed.", name)


def _brackets(raw: bytes) -> int:
    return raw.count(b"[") + raw.count(b"{")


def _deep_values(document: object) -> Iterator[object]:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    yield from level


def _inside(value: object) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _texts(document: object) -> Iterator[str]:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
        waiting.extend(_inside(value))
