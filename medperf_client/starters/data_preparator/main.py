"""Brings raw data into the form that the benchmark's models read, checks it, and counts it.

    raw_data/*.csv    any number of tables: a column `case`, the others hold numbers
    raw_labels/*.csv  tables with the columns `case` and `label`

Raw data is whatever hospitals hold: replace `prepare` by what reads yours. What it writes is the
contract with the models (`data/cases.csv`) and with the metrics (`labels/labels.csv`).
"""

import csv
import json
import math
import sys
from pathlib import Path

VOLUMES = Path("/mlcommons/volumes")
CASES, LABELS = VOLUMES / "data" / "cases.csv", VOLUMES / "labels" / "labels.csv"

Row = dict[str, str]


def prepare() -> None:
    """Join the raw tables into one of the cases and one of the labels."""
    write_rows(CASES, raw_rows(VOLUMES / "raw_data"))
    write_rows(LABELS, raw_rows(VOLUMES / "raw_labels"))


def sanity_check() -> None:
    """Refuse prepared data that models could not read. Ending with an error is the refusal."""
    cases, labels = read_rows(CASES), read_rows(LABELS)
    for row in cases:
        for name, value in row.items():
            if name != "case" and not is_number(value):
                raise SystemExit(f"case {row['case']}: {name} is no number")
    allowed = read_parameters()["labels"]
    for row in labels:
        if row["label"] not in allowed:
            raise SystemExit(f"case {row['case']}: the label is none of {', '.join(allowed)}")
    if sorted(row["case"] for row in cases) != sorted(row["case"] for row in labels):
        raise SystemExit("the cases and the labels are not of the same cases")


def statistics() -> None:
    """Describe the prepared data. Everybody will see this: counts, and nothing of one case."""
    cases, labels = read_rows(CASES), [row["label"] for row in read_rows(LABELS)]
    document = {
        "cases": len(cases),
        "columns": sorted(cases[0].keys() - {"case"}),
        "cases_by_label": {label: labels.count(label) for label in sorted(set(labels))},
    }
    # JSON is YAML too. With PyYAML in the image, write it with yaml.safe_dump.
    (VOLUMES / "statistics.yaml").write_text(json.dumps(document))


def read_parameters() -> dict[str, list[str]]:
    """The settings of the benchmark, the same for all who prepare data for it."""
    parameters: dict[str, list[str]] = json.loads((VOLUMES / "parameters.yaml").read_text())
    return parameters


def raw_rows(folder: Path) -> list[Row]:
    """The rows of all tables of a folder."""
    return [row for table in sorted(folder.glob("*.csv")) for row in read_rows(table)]


def read_rows(table: Path) -> list[Row]:
    """The rows of one table."""
    with table.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def write_rows(table: Path, rows: list[Row]) -> None:
    """Write a table whose columns are those of its first row."""
    if not rows:
        raise SystemExit(f"there is nothing to write to {table.name}: no *.csv was found")
    with table.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


TASKS = {"prepare": prepare, "sanity_check": sanity_check, "statistics": statistics}

if __name__ == "__main__":
    TASKS[sys.argv[1]]()
