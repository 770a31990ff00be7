"""Starter folders: a container of each kind that builds and works, to be replaced part by part."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from string import Template

from medperf_client.errors import BadData, UsageFault

CONFIG = "container_config.yaml"
_NOT_OURS = "__pycache__"
# A name as engines take it: a registry's host perhaps, parts in lower case, perhaps a tag.
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = r"(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:))(?::\d+)?"
_IMAGE = re.compile(rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?", re.ASCII)

STARTERS = ("data_preparator", "model", "evaluator")


@dataclass(frozen=True, slots=True)
class Starter:
    """What was written."""

    folder: Path
    image: str


def create_container(
    kind: str, parent: Path, folder_name: str | None = None, image: str | None = None
) -> Starter:
    """Write a starter of one of the ``STARTERS`` to a new or empty folder below ``parent``.

    Raises: UsageFault (no such kind, no name of an image), BadData (the folder is in use, or
    cannot be written).
    """
    if kind not in STARTERS:
        raise UsageFault(
            f"There is no template {kind!r}.", hint=f"There are: {', '.join(STARTERS)}."
        )
    folder, image = parent / (folder_name or kind), image or f"starter/{kind.replace('_', '-')}:0.1"
    if not _IMAGE.fullmatch(image):
        raise UsageFault(
            f"{image!r} is no name of an image.",
            hint="Write it in lower case, such as example/my-model:0.1.",
        )
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadData(
                f"{folder} is there already.", hint="Name another with --folder_name or --output."
            )
        for name, source in _contents(files("medperf_client") / "starters" / kind):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_filled(source, image))
    except OSError as error:
        raise BadData(f"{folder} cannot be written: {error.strerror}.") from error
    return Starter(folder, image)


def _contents(folder: Traversable) -> Iterator[tuple[PurePosixPath, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_file():
            yield PurePosixPath(entry.name), entry
        elif entry.name != _NOT_OURS:
            for name, inner in _contents(entry):
                yield entry.name / name, inner


def _filled(source: Traversable, image: str) -> bytes:
    if source.name != CONFIG:
        return source.read_bytes()
    return Template(source.read_text(encoding="utf-8")).substitute(image=image).encode()
