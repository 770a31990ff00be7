"""YAML that somebody else wrote: one small, shallow document, and nothing that grows when read."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import JsonValue

from medperf_client.adapters.regular_files import open_regular, told_reading
from medperf_client.errors import BadData
from medperf_client.policy.disclosure import MAX_BYTES, MAX_DEPTH, fit_document

if TYPE_CHECKING:
    import yaml

MAX_NODES = 500_000
_LONGEST_NUMBER = 128

_YAML = "tag:yaml.org,2002:"
_COLLECTION_TAGS = frozenset({None, "!", f"{_YAML}map", f"{_YAML}seq"})
_NUMBER_TAGS = frozenset({f"{_YAML}int", f"{_YAML}float", f"{_YAML}timestamp"})

# Numbers as JSON and Python write them, which YAML 1.1 takes for text: 1e-05, NaN, inf.
_FLOAT = re.compile(
    r"[-+]?(?:(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+|[nN]a[nN]|inf|Infinity)", flags=re.ASCII
)

_HINT = (
    "Tell the author of the container that wrote it: mappings, lists, text and finite numbers are "
    "what is read."
)


def read_document(path: Path) -> JsonValue:
    """The document in the file ``path``, as JSON holds it. Raises: BadData."""
    return parse_document(read_small(path), path.name)


def read_small(path: Path) -> bytes:
    """What is in a small regular file. Raises: BadData."""
    with open_regular(path, path.name) as file, told_reading(path.name):
        text = file.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise BadData(f"{path.name} is larger than {MAX_BYTES} bytes.", hint=_HINT)
    return text


def parse_document(text: bytes, name: str) -> JsonValue:
    """The one document in ``text``; ``name`` is what it is called in messages. Raises: BadData.

    Mapping keys are text as written. Anchors, aliases, tags of collections, keys given twice, a
    second document, and nesting deeper than 64 are refused as soon as they are met.
    """
    import yaml

    loader = yaml_loader()(text)
    try:
        document = _Builder(loader, name).build()
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise BadData(f"{name}{line} is no YAML: {error.problem}.", hint=_HINT) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise BadData(f"{name} is no YAML: {error}.", hint=_HINT) from error
    finally:
        loader.dispose()
    return fit_document(document, name)


def yaml_loader() -> Any:
    """The safe loader, the fast one where this machine has it."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Builder:
    """Builds a document from the parser's events, so that depth costs no stack."""

    def __init__(self, loader: Any, name: str) -> None:
        self.loader = loader
        self.name = name
        self.open: list[_Collection] = []
        self.documents: list[object] = []
        self.nodes = 0

    def build(self) -> object:
        import yaml

        while self.loader.check_event():
            event = self.loader.get_event()
            if isinstance(event, yaml.NodeEvent):
                self._require_plain(event)
            if isinstance(event, yaml.ScalarEvent):
                self._add(event, self._scalar(event))
            elif isinstance(event, yaml.MappingStartEvent):
                self._begin(event, {})
            elif isinstance(event, yaml.SequenceStartEvent):
                self._begin(event, [])
            elif isinstance(event, yaml.CollectionEndEvent):
                self.open.pop()
        if not self.documents:
            raise BadData(f"{self.name} is empty: nothing was written.", hint=_HINT)
        return self.documents[0]

    def _require_plain(self, event: Any) -> None:
        self.nodes += 1
        if event.anchor is not None:
            self._refuse(event, "anchors and aliases (& and *) are not taken")
        if self.nodes > MAX_NODES:
            self._refuse(event, f"there are more than {MAX_NODES} values")

    def _begin(self, event: Any, value: dict[str, object] | list[object]) -> None:
        if event.tag not in _COLLECTION_TAGS:
            self._refuse(event, f"the tag {event.tag!r} is not taken")
        if len(self.open) >= MAX_DEPTH:
            self._refuse(event, f"it is nested more than {MAX_DEPTH} deep")
        self._add(event, value)
        self.open.append(_Collection(value))

    def _add(self, event: Any, value: object) -> None:
        if not self.open:
            if self.documents:
                self._refuse(event, "a second document begins")
            self.documents.append(value)
            return
        inner = self.open[-1]
        if isinstance(inner.value, list):
            inner.value.append(value)
        elif inner.key is None:
            inner.key = self._key(event, inner.value)
        else:
            inner.value[inner.key], inner.key = value, None

    def _key(self, event: Any, mapping: dict[str, object]) -> str:
        import yaml

        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(event, "a key is no text")
        key = str(event.value)
        if key in mapping:
            self._refuse(event, f"the key {key!r} is given twice")
        return key

    def _scalar(self, event: "yaml.ScalarEvent") -> object:
        import yaml

        value: str = event.value
        if self.open and self.open[-1].awaits_key:
            return value
        if event.implicit[0] and len(value) <= _LONGEST_NUMBER and _FLOAT.fullmatch(value):
            return float(value)
        tag = event.tag
        if tag is None or tag == "!":
            tag = self.loader.resolve(yaml.ScalarNode, value, event.implicit)
        if tag in _NUMBER_TAGS and len(value) > _LONGEST_NUMBER:
            self._refuse(event, f"a number has more than {_LONGEST_NUMBER} digits")
        return self.loader.construct_object(yaml.ScalarNode(tag, value))

    def _refuse(self, event: Any, why: str) -> NoReturn:
        raise BadData(f"{self.name}, line {event.start_mark.line + 1}: {why}.", hint=_HINT)


class _Collection:
    """A mapping or a list whose end was not seen yet, and the key that waits for its value."""

    __slots__ = ("key", "value")

    def __init__(self, value: dict[str, object] | list[object]) -> None:
        self.value = value
        self.key: str | None = None

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None
