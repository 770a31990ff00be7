"""The settings of this cube, read from its parameters file and checked."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .console import BadInput

FILE = Path("parameters/parameters.yaml")


class Bootstrap(NamedTuple):
    """How often cases are drawn anew, what share of the draws an interval covers, and the seed."""

    resamples: int
    confidence: float
    seed: int


class Parameters(NamedTuple):
    """What is scored, and how."""

    positive_class: str
    negative_class: str
    threshold: float
    bootstrap: Bootstrap
    roc_points: int


def read_parameters(volumes: Path) -> Parameters:
    """Raises: BadInput, when a setting is missing or is not what it has to be."""
    found = _mapping(volumes / FILE)
    bootstrap = found.get("bootstrap")
    if not isinstance(bootstrap, dict):
        raise BadInput("parameters: bootstrap has to be a mapping")
    return Parameters(
        positive_class=_name(found, "positive_class"),
        negative_class=_name(found, "negative_class"),
        threshold=_share(found, "threshold"),
        bootstrap=Bootstrap(
            _whole(bootstrap, "resamples", 1, 100_000),
            _share(bootstrap, "confidence"),
            _whole(bootstrap, "seed", 0, 2**63 - 1),
        ),
        roc_points=_whole(found, "roc_points", 2, 100_000),
    )


def _mapping(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_bytes())
    except yaml.YAMLError as error:
        raise BadInput("parameters: the file is no YAML") from error
    if not isinstance(found, dict):
        raise BadInput("parameters: the file has to hold a mapping")
    return found


def _name(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise BadInput(f"parameters: {name} has to be a name")
    return value


def _share(found: dict[str, Any], name: str) -> float:
    value = found.get(name)
    if type(value) not in (int, float) or not 0 < value < 1:
        raise BadInput(f"parameters: {name} has to lie between 0 and 1")
    return float(value)


def _whole(found: dict[str, Any], name: str, least: int, most: int) -> int:
    value = found.get(name)
    if type(value) is not int or not least <= value <= most:
        raise BadInput(f"parameters: {name} has to be a whole number from {least} to {most}")
    return value
