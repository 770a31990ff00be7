"""The settings of this cube, read from its parameters file and checked."""

from pathlib import Path
from typing import NamedTuple

import yaml

from .console import BadInput

FILE = Path("parameters/parameters.yaml")


class Parameters(NamedTuple):
    """Side of the images, and how many are scored at once."""

    image_size: int
    batch_size: int


def read_parameters(volumes: Path) -> Parameters:
    """Raises: BadInput, when a setting is missing or is not what it has to be."""
    try:
        found = yaml.safe_load((volumes / FILE).read_bytes())
    except yaml.YAMLError as error:
        raise BadInput("parameters: the file is no YAML") from error
    if not isinstance(found, dict):
        raise BadInput("parameters: the file has to hold a mapping")
    for name in Parameters._fields:
        if type(found.get(name)) is not int or not 1 <= found[name] <= 4096:
            raise BadInput(f"parameters: {name} has to be a whole number from 1 to 4096")
    return Parameters(found["image_size"], found["batch_size"])
