"""`medperf association`: who asked to join which benchmark, and the answers."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group
from medperf_client.commands.parameters import Benchmark, OfBenchmark, Output
from medperf_client.output.column import Column, Table

if TYPE_CHECKING:
    from datetime import datetime

    from medperf_api.contract.associations import DatasetAssociationRead, ModelAssociationRead
    from medperf_client.context import Client

    Association = DatasetAssociationRead | ModelAssociationRead

app = group("association")


class Status(StrEnum):
    """Where an association stands, as an option says it."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


def _minute(moment: "datetime | None") -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _decided(association: "Association") -> str | None:
    if association.approval_status == "PENDING":
        return None
    return _minute(association.approved_at or association.modified_at)


_SHARED: "tuple[Column[Association], ...]" = (
    Column("Benchmark", lambda entry: entry.benchmark, right=True),
    Column("Initiated by", lambda entry: entry.initiated_by, right=True),
    Column("Status", lambda entry: entry.approval_status),
)
_DATES: "tuple[Column[Association], ...]" = (
    Column("Requested (UTC)", lambda entry: _minute(entry.created_at)),
    Column("Decided (UTC)", _decided),
)
_DATASET_COLUMNS: "tuple[Column[DatasetAssociationRead], ...]" = (
    Column("Dataset", lambda entry: entry.dataset, right=True),
    *_SHARED,
    *_DATES,
)
_MODEL_COLUMNS: "tuple[Column[ModelAssociationRead], ...]" = (
    Column("Model", lambda entry: entry.model_mlcube, right=True),
    *_SHARED,
    Column("Priority", lambda entry: entry.priority, right=True),
    *_DATES,
)

Dataset = Annotated[int | None, typer.Option("--dataset", "-d", metavar="ID", help="A dataset.")]
Model = Annotated[int | None, typer.Option("--model", "-m", metavar="ID", help="A model.")]
ApprovalStatus = Annotated[
    Status | None,
    typer.Option(
        "--approval-status",
        metavar="STATUS",
        case_sensitive=False,
        help="pending, approved or rejected.",
    ),
]


@app.add("ls")
def ls(
    context: typer.Context,
    benchmark: OfBenchmark = None,
    dataset: Dataset = None,
    model: Model = None,
    approval_status: ApprovalStatus = None,
    output: Output = None,
) -> None:
    """List associations of your datasets, models and benchmarks."""
    client = current(context)
    status = None if approval_status is None else work.Approval(approval_status.upper())
    # Asking for one dataset or model leaves the other kind out.
    datasets = (
        work.list_dataset_associations(
            client.ports, benchmark_id=benchmark, dataset_id=dataset, status=status
        )
        if model is None or dataset is not None
        else []
    )
    models = (
        work.list_model_associations(
            client.ports, benchmark_id=benchmark, model_id=model, status=status
        )
        if dataset is None or model is not None
        else []
    )
    client.show.tables(
        (Table(datasets, _DATASET_COLUMNS), Table(models, _MODEL_COLUMNS)),
        output,
    )


@app.add("approve")
def approve(
    context: typer.Context, benchmark: Benchmark, dataset: Dataset = None, model: Model = None
) -> None:
    """Accept a dataset or a model that asked to join, or an invitation."""
    client = current(context)
    _decide(client, benchmark, dataset, model, work.Approval.APPROVED)


@app.add("reject")
def reject(
    context: typer.Context, benchmark: Benchmark, dataset: Dataset = None, model: Model = None
) -> None:
    """Refuse a dataset or a model that asked to join, or an invitation."""
    client = current(context)
    _decide(client, benchmark, dataset, model, work.Approval.REJECTED)


@app.add("set_priority")
def set_priority(
    context: typer.Context,
    benchmark: Benchmark,
    model: Annotated[
        int,
        typer.Option("--model", "-m", metavar="ID", help="A model.", show_default=False),
    ],
    priority: Annotated[
        int,
        typer.Option(
            "--priority",
            "-p",
            metavar="NUMBER",
            help="The higher, the earlier it runs; 0 at first.",
            show_default=False,
        ),
    ],
) -> None:
    """Let a model run earlier or later than a benchmark's others."""
    client = current(context)
    work.set_model_priority(client.ports, model, benchmark, priority)
    client.ports.reporter.say(f"Model {model} has priority {priority} in benchmark {benchmark}.")
    client.show.document({"benchmark": benchmark, "model": model, "priority": priority})


def _decide(
    client: "Client",
    benchmark: int,
    dataset: int | None,
    model: int | None,
    decision: "work.Approval",
) -> None:
    if dataset is not None and model is None:
        work.decide_dataset_association(client.ports, dataset, benchmark, decision)
    elif model is not None and dataset is None:
        work.decide_model_association(client.ports, model, benchmark, decision)
    else:
        raise work.UsageFault(
            "Exactly one of a dataset and a model is needed.", hint="Give --dataset or --model."
        )
    kind = "Dataset" if model is None else "Model"
    client.ports.reporter.say(
        f"{kind} {dataset or model} is {decision.lower()} in benchmark {benchmark}."
    )
    client.show.document(
        {
            "benchmark": benchmark,
            "dataset": dataset,
            "model": model,
            "approval_status": str(decision),
        }
    )
