"""Predicts the score of each case: here, a logistic regression on the columns of the data.

data/cases.csv                 what the data preparation writes: `case` and columns of numbers
additional_files/weights.json  what was learned; large weights belong here, not in the image
predictions/predictions.csv    `case` and `score`, what the metrics read
"""

import csv
import json
import math
import sys
from pathlib import Path

VOLUMES = Path("/mlcommons/volumes")

Weights = dict[str, float]


def infer() -> None:
    """Write a score between 0 and 1 for each case. Replace `score` by your model."""
    weights: Weights = json.loads((VOLUMES / "additional_files" / "weights.json").read_text())
    digits: int = json.loads((VOLUMES / "parameters.yaml").read_text())["digits"]
    with (
        (VOLUMES / "data" / "cases.csv").open(newline="", encoding="utf-8") as cases,
        (VOLUMES / "predictions" / "predictions.csv").open("w", encoding="utf-8") as predictions,
    ):
        writer = csv.writer(predictions, lineterminator="\n")
        writer.writerow(["case", "score"])
        for number, row in enumerate(csv.DictReader(cases), start=1):
            writer.writerow([row.pop("case"), round(score(row, weights), digits)])
            # What is printed is shown to the data owner while the model runs.
            print(f"case {number}", flush=True)


def score(values: dict[str, str], weights: Weights) -> float:
    """The logistic function of the weighted values."""
    total = weights["intercept"]
    for name, value in values.items():
        total += weights.get(name, 0.0) * float(value)
    return (1 + math.tanh(total / 2)) / 2


TASKS = {"infer": infer}

if __name__ == "__main__":
    TASKS[sys.argv[1]]()
