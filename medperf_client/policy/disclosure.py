"""Whether a document that a container wrote is fit to be shown and sent: finite, small, shallow."""

import json
import math
import re

from pydantic import JsonValue

from medperf_client.errors import BadData

MAX_DEPTH = 64
MAX_BYTES = 5 * 1024**2

_MOST = 2**63 - 1
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def fit_document(document: object, what: str) -> JsonValue:
    """``document`` as JSON holds it: keys are text, numbers finite, nesting at most 64 deep.

    Raises: BadData, naming ``what`` and the place.
    """
    fit = _fit(document, what, ())
    size = len(json.dumps(fit))
    if size > MAX_BYTES:
        raise BadData(f"{what} is {size} bytes as JSON; at most {MAX_BYTES} can be sent.")
    return fit


def require_mapping(document: JsonValue, what: str) -> dict[str, JsonValue]:
    """``document`` as a mapping that is not empty. Raises: BadData."""
    if not isinstance(document, dict) or not document:
        raise BadData(f"{what} must be a mapping of names to values, and not empty.")
    return document


def _fit(value: object, what: str, place: tuple[str, ...]) -> JsonValue:
    if len(place) > MAX_DEPTH:
        raise BadData(f"{what} is nested more than {MAX_DEPTH} deep.")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadData(
            f"{what} holds {value} at {_named(place)}; only finite numbers are results.",
            hint="The container's author must write null, with a reason, for what is undefined.",
        )
    if isinstance(value, int) and not -_MOST <= value <= _MOST:
        raise BadData(f"{what} holds a whole number beyond 64 bits at {_named(place)}.")
    if isinstance(value, str):
        return _text(value, what, place)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return _mapping(value, what, place)
    if isinstance(value, list | tuple):
        return [_fit(item, what, (*place, str(index))) for index, item in enumerate(value)]
    # A date that YAML made of a string, say.
    return _text(str(value), what, place)


def _mapping(
    value: dict[object, object], what: str, place: tuple[str, ...]
) -> dict[str, JsonValue]:
    keys = [_text(str(key), what, place) for key in value]
    if len(set(keys)) < len(keys):
        raise BadData(f"{what} gives a key twice, as text and as a number, at {_named(place)}.")
    return {
        key: _fit(item, what, (*place, key)) for key, item in zip(keys, value.values(), strict=True)
    }


def _text(value: str, what: str, place: tuple[str, ...]) -> str:
    """``value``, when it is what the registry's database and JSON both can hold."""
    if _NO_TEXT.search(value):
        raise BadData(f"{what} holds characters that are no text at {_named(place)}.")
    return value


def _named(place: tuple[str, ...]) -> str:
    return ".".join(place) or "its top"
