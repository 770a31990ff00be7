"""Reads and writes labels.csv, naming each row that cannot be used."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from .console import BadInput

FILE = "labels.csv"
ID, LABEL = "Image ID", "Label"
LONGEST_ID_BYTES = 200


def read_labels(folder: Path, classes: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """The label of each image id, in the file's order, and the problems of single rows.

    Raises: BadInput, when the file as a whole cannot be used.
    """
    labels: dict[str, str] = {}
    problems: list[str] = []
    for line, image_id, label in _rows(folder / FILE):
        problem = _problem(image_id, label, labels, classes)
        if problem:
            problems.append(f"{FILE} line {line}: {problem}")
        labels.setdefault(image_id, label)
    if not labels:
        raise BadInput(f"{FILE} has no row below its header")
    return labels, problems


def write_labels(folder: Path, labels: Mapping[str, str]) -> None:
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([ID, LABEL])
        rows.writerows(labels.items())


def why_unsafe(image_id: str) -> str | None:
    """Why an id cannot name a file below a folder, or None when it can."""
    if not image_id:
        return "the image id is empty"
    if image_id.startswith(".") or ".." in image_id or "/" in image_id or "\\" in image_id:
        return f"the image id {image_id!r} may hold no slash, no '..' and no dot at its start"
    if not image_id.isprintable() or len(image_id.encode()) > LONGEST_ID_BYTES:
        return f"the image id {image_id[:40]!r} is too long or holds unprintable characters"
    return None


def _problem(
    image_id: str, label: str, seen: Mapping[str, str], classes: tuple[str, ...]
) -> str | None:
    if unsafe := why_unsafe(image_id):
        return unsafe
    if image_id in seen:
        return f"image id {image_id!r} is a duplicate of an earlier row"
    if label not in classes:
        return f"unknown label {label[:40]!r} of {image_id!r} (known: {', '.join(classes)})"
    return None


def _rows(path: Path) -> Iterable[tuple[int, str, str]]:
    """Line number, image id and label of each row."""
    if not path.is_file():
        raise BadInput(f"there is no {FILE} in the labels folder")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="", strict=True)
            _refuse_columns(reader.fieldnames or [])
            for row in reader:
                yield reader.line_num, row[ID].strip(), row[LABEL].strip()
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput(f"{FILE} is no CSV file in UTF-8: {error}") from error


def _refuse_columns(names: Iterable[str]) -> None:
    missing = [name for name in (ID, LABEL) if name not in names]
    if missing:
        raise BadInput(f"{FILE} has no column named {' and none named '.join(map(repr, missing))}")
