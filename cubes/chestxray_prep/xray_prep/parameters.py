"""The settings of this cube, read from its parameters file and checked."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .console import BadInput

FILE = Path("parameters/parameters.yaml")


class Parameters(NamedTuple):
    """Side of the prepared images, the labels allowed, the fewest cases a statistic may rest on."""

    image_size: int
    classes: tuple[str, ...]
    smallest_group: int


def read_parameters(volumes: Path) -> Parameters:
    """Raises: BadInput, when a setting is missing or is not what it has to be."""
    found = _mapping(volumes / FILE)
    classes = found.get("classes")
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise BadInput("parameters: classes has to be a list of names")
    return Parameters(
        _whole(found, "image_size", 1, 4096),
        tuple(classes),
        _whole(found, "smallest_group", 2, 10**6),
    )


def _mapping(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_bytes())
    except yaml.YAMLError as error:
        raise BadInput("parameters: the file is no YAML") from error
    if not isinstance(found, dict):
        raise BadInput("parameters: the file has to hold a mapping")
    return found


def _whole(found: dict[str, Any], name: str, least: int, most: int) -> int:
    value = found.get(name)
    if type(value) is not int or not least <= value <= most:
        raise BadInput(f"parameters: {name} has to be a whole number from {least} to {most}")
    return value
