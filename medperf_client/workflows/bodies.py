"""Bodies of requests from what a person wrote on a command line."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from medperf_client.errors import UsageFault

Shape = TypeVar("Shape", bound=BaseModel)


def filled(shape: type[Shape], **fields: object) -> Shape:
    """A body with these fields. Raises: UsageFault, naming the field that is not fit to be sent."""
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise UsageFault(f"This cannot be registered: {told}.", hint="Nothing was sent.") from error
