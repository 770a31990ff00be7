"""A cube's configuration from its file; what is wrong with it is told by line."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from medperf_api.contract.container_config import ContainerConfig, read_container_config
from medperf_client.adapters.yaml_documents import parse_document, read_small, yaml_loader
from medperf_client.errors import BadData

if TYPE_CHECKING:
    import yaml

_MOST_FAULTS = 5
_HINT = "Its format is in docs/container_config.md. Its owner must mend it and register it again."

# The newer form's places in the older form (mlcube.yaml), which is what the author wrote.
_OLDER = {"input_volumes": ("parameters", "inputs"), "output_volumes": ("parameters", "outputs")}

_EITHER = frozenset({"command", "entrypoint"})  # text or a list

_REASONS = {
    "extra_forbidden": "nothing of this name can be set here",
    "missing": "is missing",
    "model_type": "must be a mapping",
    "dict_type": "must be a mapping",
}


def read_config(path: Path) -> ContainerConfig:
    """The configuration in the file ``path``. Raises: BadData, with each fault's line."""
    text = read_small(path)
    document = parse_document(text, path.name)
    try:
        return read_container_config(document)
    except ValidationError as error:
        older = isinstance(document, dict) and "container_type" not in document
        lines = _Lines(text, older)
        faults = [_told(path.name, lines, place, why) for place, why in _faults(error)]
        more = f" … and {len(faults) - _MOST_FAULTS} more." if len(faults) > _MOST_FAULTS else ""
        raise BadData(" ".join(faults[:_MOST_FAULTS]) + more, hint=_HINT) from error


def _faults(error: ValidationError) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each fault as a place in the document and a reason."""
    seen: set[tuple[str, ...]] = set()
    for fault in error.errors(include_url=False, include_input=False):
        reason = fault["msg"].removeprefix("Value error, ")
        if not fault["loc"] and fault["type"] == "value_error":
            # A rule over the whole document lists its faults, each with its dotted place.
            for one in reason.split("; "):
                dotted, _, why = one.partition(": ")
                yield tuple(dotted.split(".")), why
            continue
        place = tuple(_document_place(fault["loc"]))
        if fault["type"] == "value_error" or place not in seen:
            seen.add(place)
            yield place, _REASONS.get(fault["type"], reason)


def _document_place(loc: Sequence[str | int]) -> Iterator[str]:
    """Pydantic's place without what is of its own: which type of several it tried."""
    for part in loc:
        if part != "[key]":
            yield str(part)
        if part in _EITHER:
            return


def _told(name: str, lines: "_Lines", place: tuple[str, ...], why: str) -> str:
    written = lines.as_written(place)
    where = f"{'.'.join(written)}: " if written else ""
    return f"{name}, line {lines.find(written)}: {where}{why}."


class _Lines:
    """Where in a text each part of its document begins. Reads only what was parsed before."""

    def __init__(self, text: bytes, older: bool) -> None:
        import yaml

        self.older = older
        self.root: Any = yaml.compose(text, Loader=yaml_loader())

    def find(self, written: Sequence[str]) -> int:
        """The line of the deepest key of a place that is there."""
        node: Any = self.root
        line: int = self.root.start_mark.line + 1
        for part in written:
            found = _child(node, part)
            if found is None:
                break
            line, node = found
        return line

    def as_written(self, place: tuple[str, ...]) -> tuple[str, ...]:
        """A place of the newer form where the author, who may use the older one, wrote it."""
        if not self.older:
            return place
        if place == ("image",):
            return ("docker", "image")
        return tuple(one for part in place for one in _OLDER.get(part, (part,)))


def _child(node: "yaml.Node", part: str) -> tuple[int, "yaml.Node"] | None:
    """The line and the value of a mapping's key, or of a list's item."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        item = node.value[int(part)]
        return item.start_mark.line + 1, item
    return None
