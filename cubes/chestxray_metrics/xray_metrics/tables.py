"""Reads labels.csv and predictions.csv, naming the row that cannot be used."""

import csv
from collections.abc import Iterator
from pathlib import Path

from .console import BadInput
from .parameters import Parameters

LABELS_FILE, PREDICTIONS_FILE = "labels.csv", "predictions.csv"
ID, LABEL = "Image ID", "Label"


def read_labels(folder: Path, parameters: Parameters) -> dict[str, bool]:
    """True for each case of the positive class. Raises: BadInput."""
    meanings = {parameters.positive_class: True, parameters.negative_class: False}
    labels: dict[str, bool] = {}
    for where, case_id, label in _rows(folder / LABELS_FILE, LABEL):
        if label not in meanings:
            raise BadInput(f"{where}: unknown label {label[:40]!r}")
        if case_id in labels:
            raise BadInput(f"{where}: {case_id!r} is a duplicate of an earlier row")
        labels[case_id] = meanings[label]
    return labels


def read_predictions(folder: Path, parameters: Parameters) -> dict[str, float]:
    """The probability of the positive class of each predicted case. Raises: BadInput."""
    predictions: dict[str, float] = {}
    for where, case_id, text in _rows(folder / PREDICTIONS_FILE, parameters.positive_class):
        if case_id in predictions:
            raise BadInput(f"{where}: {case_id!r} is a duplicate of an earlier row")
        predictions[case_id] = _probability(where, text)
    return predictions


def _probability(where: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise BadInput(f"{where}: {text[:40]!r} is no number") from None
    # Not a number fails this comparison too.
    if not 0 <= value <= 1:
        raise BadInput(f"{where}: {text[:40]!r} is no probability from 0 to 1")
    return value


def _rows(path: Path, column: str) -> Iterator[tuple[str, str, str]]:
    """Where each row stands, its image id and its value in `column`."""
    if not path.is_file():
        raise BadInput(f"there is no {path.name}")
    empty = True
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="", strict=True)
            for wanted in (ID, column):
                if wanted not in (reader.fieldnames or ()):
                    raise BadInput(f"{path.name} has no column named {wanted!r}")
            for row in reader:
                empty = False
                where = f"{path.name} line {reader.line_num}"
                case_id, value = row[ID].strip(), row[column].strip()
                if not case_id:
                    raise BadInput(f"{where}: the image id is empty")
                yield where, case_id, value
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is no CSV file in UTF-8: {error}") from error
    if empty:
        raise BadInput(f"{path.name} has no row below its header")
