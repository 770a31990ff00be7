"""Records as YAML and JSON text, complete and safe to print."""

import json
from collections.abc import Sequence

from pydantic import BaseModel, JsonValue

from medperf_client.output.text import json_safe, lines


def plain(value: "BaseModel | Sequence[BaseModel] | JsonValue") -> JsonValue:
    """A model, or several, as JSON holds them on the wire."""
    if isinstance(value, BaseModel):
        document: JsonValue = value.model_dump(mode="json")
        return document
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value  # type: ignore[return-value]  # what is left is JSON already


def json_text(value: "BaseModel | Sequence[BaseModel] | JsonValue") -> str:
    """One JSON document, indented, without a line's end."""
    return json_safe(json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def yaml_text(value: "BaseModel | Sequence[BaseModel] | JsonValue") -> str:
    """One YAML document, without a line's end."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(plain(value), Dumper=dumper, sort_keys=False, allow_unicode=True, width=80)
    return lines(str(text).removesuffix("\n").removesuffix("\n..."))
