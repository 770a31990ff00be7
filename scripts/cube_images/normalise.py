"""Takes the builder's clock, host and history out of an image; leaves the base's layers alone."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cube_images.archive import Layer, SavedImage, open_archive, open_layer, write_archive
from cube_images.errors import CannotBuild
from cube_images.squash import merge, write_layer

CREATED = "1980-01-02T12:00:00Z"
# What a container is started with. The rest of a configuration is the builder talking about itself.
_KEPT = (
    "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels",
    "StopSignal", "StopTimeout", "Healthcheck", "Shell", "OnBuild",
)  # fmt: skip


def normalise(saved: Path, out: Path, base_diff_ids: Sequence[str], tag: str) -> str:
    """Rewrite the saved image as `out`, to be loaded as `tag`; return its configuration's digest.

    The base's layers are copied byte for byte; those above become one. Raises: CannotBuild.
    """
    with (
        open_archive(saved) as image,
        tempfile.TemporaryFile(dir=out.parent) as room,
        ExitStack() as stack,
    ):
        base, ours = _split(image, base_diff_ids)
        tree = merge([stack.enter_context(open_layer(layer)) for layer in ours])
        layers = [*base, write_layer(tree, room)] if tree else base
        return write_archive(out, _config(image.config, layers, len(base)), layers, tag)


def plain_config(
    architecture: str, settings: Mapping[str, Any], layers: Sequence[Layer], history: Sequence[Any]
) -> dict[str, Any]:
    """A configuration of what a container is started with, and nothing of how it was made."""
    return {
        "architecture": architecture,
        "os": "linux",
        "config": {key: settings[key] for key in _KEPT if settings.get(key)},
        "created": CREATED,
        "history": list(history),
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
    }


def _split(image: SavedImage, base_diff_ids: Sequence[str]) -> tuple[list[Layer], list[Layer]]:
    count = len(base_diff_ids)
    if [layer.diff_id for layer in image.layers[:count]] != list(base_diff_ids):
        raise CannotBuild("the image was not built on the base it should have been built on")
    return list(image.layers[:count]), list(image.layers[count:])


def _config(old: Mapping[str, Any], layers: Sequence[Layer], base_count: int) -> dict[str, Any]:
    history = _history_of_base(old.get("history") or [], base_count)
    if len(layers) > base_count:
        history.append({"created": CREATED, "created_by": "a cube's Dockerfile, as one layer"})
    if not old.get("architecture"):
        raise CannotBuild("the image's configuration names no architecture")
    config = plain_config(str(old["architecture"]), old.get("config") or {}, layers, history)
    return config | ({"variant": old["variant"]} if old.get("variant") else {})


def _history_of_base(history: Sequence[Mapping[str, Any]], base_count: int) -> list[Any]:
    """The entries of the base's layers: engines refuse a history that counts other layers."""
    kept: list[Any] = []
    left = base_count
    for step in history if base_count else []:
        kept.append(dict(step))
        left -= not step.get("empty_layer", False)
        if left == 0:
            return kept
    return [{"created": CREATED, "created_by": "base"}] * base_count
