"""Options that several commands share, each declared once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a record is printed."""

    YAML = "yaml"
    JSON = "json"


Yes = Annotated[bool, typer.Option("--yes", "-y", help="Approve what is sent beforehand.")]
Mine = Annotated[bool, typer.Option("--mine", help="Only what is yours.")]
Unregistered = Annotated[
    bool, typer.Option("--unregistered", help="Only what is on this machine alone.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead."),
]
ViewFormat = Annotated[Format, typer.Option("--format", "-f", metavar="yaml|json", help="Form.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Run again what has a result already.")]
IgnoreModelErrors = Annotated[
    bool,
    typer.Option("--ignore-model-errors", help="Measure whatever predictions a model made."),
]

# One benchmark or dataset has two spellings in the commands people know.
Benchmark = Annotated[
    int, typer.Option("--benchmark", "-b", metavar="ID", help="Benchmark.", show_default=False)
]
BenchmarkUid = Annotated[
    int, typer.Option("--benchmark_uid", "-b", metavar="ID", help="Benchmark.", show_default=False)
]
OfBenchmark = Annotated[
    int | None, typer.Option("--benchmark", "-b", metavar="ID", help="Only of this benchmark.")
]
DataUid = Annotated[
    int,
    typer.Option("--data_uid", "-d", metavar="ID", help="Registered dataset.", show_default=False),
]
ModelUid = Annotated[
    int, typer.Option("--model_uid", "-m", metavar="ID", help="Model.", show_default=False)
]
RecordId = Annotated[int | None, typer.Argument(metavar="ID", help="One record; all without.")]
