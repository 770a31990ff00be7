"""What is wrong with a field, in words of our own."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from medperf_api.contract.errors import NON_FIELD
from medperf_api.errors import Fault

_SHOWN_LENGTH = 80


def faults_of(error: ValidationError) -> Iterator[Fault]:
    """One fault for each field that failed, in the order of the fields."""
    seen: set[str] = set()
    for details in error.errors(include_url=False):
        field = str(details["loc"][0]) if details["loc"] else NON_FIELD
        if field not in seen:
            seen.add(field)
            yield Fault(message_for(details), field)


def message_for(details: ErrorDetails) -> str:
    """A sentence for one of pydantic's errors."""
    kind, context = details["type"], details.get("ctx", {})
    if kind != "missing" and details["input"] is None:
        return "This may not be null."
    if kind == "enum":
        return f"Not a valid choice: {_shown(details['input'])}. Choose {_choices(context)}."
    wording = _WORDING.get(kind, "Not a valid value.")
    return wording if isinstance(wording, str) else wording(context)


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…")


def _choices(context: Mapping[str, Any]) -> str:
    return str(context["expected"]).replace("'", "")


_WHOLE_NUMBER = "A whole number is needed."
_TRUE_OR_FALSE = "True or false is needed."

_WORDING: Mapping[str, str | Callable[[Mapping[str, Any]], str]] = {
    "missing": "This field is required.",
    "string_type": "Text is needed.",
    "string_too_short": "This may not be empty.",
    "string_too_long": lambda context: f"At most {context['max_length']} characters are allowed.",
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": "This number is too long.",
    "int_from_float": _WHOLE_NUMBER,
    "finite_number": _WHOLE_NUMBER,
    "greater_than_equal": lambda context: f"The smallest number allowed is {context['ge']}.",
    "less_than_equal": lambda context: f"The largest number allowed is {context['le']}.",
    "bool_type": _TRUE_OR_FALSE,
    "bool_parsing": _TRUE_OR_FALSE,
    "value_error": lambda context: str(context["error"]),
}
