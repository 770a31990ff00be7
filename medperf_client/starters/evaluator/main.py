"""Compares a model's predictions with the labels.

predictions/predictions.csv  what models write: `case` and `score`
labels/labels.csv            what the data preparation writes: `case` and `label`
results.yaml                 a mapping of finite numbers, text and lists, nothing of one case
"""

import csv
import json
import sys
from pathlib import Path

VOLUMES = Path("/mlcommons/volumes")


def evaluate() -> None:
    """Write the metrics. Predictions may be missing where a model failed half-way: say so."""
    threshold: float = json.loads((VOLUMES / "parameters.yaml").read_text())["threshold"]
    scores = read_column(VOLUMES / "predictions" / "predictions.csv", "score")
    labels = read_column(VOLUMES / "labels" / "labels.csv", "label")
    scored = {case: label for case, label in labels.items() if case in scores}
    if not scored:
        raise SystemExit("there is no prediction for any of the labelled cases")
    right = sum(
        (float(scores[case]) >= threshold) == (label == "1") for case, label in scored.items()
    )
    document = {
        "accuracy": right / len(scored),
        "cases": len(scored),
        "cases_without_prediction": len(labels) - len(scored),
    }
    # JSON is YAML too. With PyYAML in the image, write it with yaml.safe_dump.
    (VOLUMES / "results.yaml").write_text(json.dumps(document))


def read_column(table: Path, column: str) -> dict[str, str]:
    """One column of a table by case."""
    with table.open(newline="", encoding="utf-8") as lines:
        return {row["case"]: row[column] for row in csv.DictReader(lines)}


TASKS = {"evaluate": evaluate}

if __name__ == "__main__":
    TASKS[sys.argv[1]]()
