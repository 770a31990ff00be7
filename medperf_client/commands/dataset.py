"""`medperf dataset`: from data on this machine to a dataset that benchmarks accept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group
from medperf_client.commands.parameters import (
    BenchmarkUid,
    DataUid,
    Format,
    Mine,
    NoCache,
    Output,
    RecordId,
    Unregistered,
    ViewFormat,
    Yes,
)
from medperf_client.output.column import Column, Table

if TYPE_CHECKING:
    from medperf_api.contract.datasets import DatasetPublic

app = group("dataset")


def _status(dataset: "DatasetPublic") -> str:
    if not dataset.is_valid:
        return "invalid"
    done = dataset.submitted_as_prepared or dataset.state == "OPERATION"
    return "prepared" if done else "submitted"


_COLUMNS: "tuple[Column[DatasetPublic], ...]" = (
    Column("UID", lambda dataset: dataset.id, right=True),
    Column("Name", lambda dataset: dataset.name),
    Column("Data Preparation Container UID", lambda dataset: dataset.data_preparation_mlcube),
    Column("State", lambda dataset: dataset.state),
    Column("Status", _status),
    # The server tells it to the owner alone.
    Column("Owner", lambda dataset: getattr(dataset, "owner", None)),
)

Preparation = Annotated[
    int | None,
    typer.Option(
        "--data-preparation-container", "-m", metavar="ID", help="Only of this preparation."
    ),
]


@app.add("ls")
def ls(
    context: typer.Context,
    mine: Mine = False,
    unregistered: Unregistered = False,
    preparation: Preparation = None,
    output: Output = None,
) -> None:
    """List datasets."""
    client = current(context)
    datasets = (
        []
        if unregistered
        else work.list_datasets(client.ports, mine=mine, preparation_id=preparation)
    )
    client.show.table(Table(datasets, _COLUMNS), output)


@app.add("view")
def view(
    context: typer.Context,
    uid: RecordId = None,
    form: ViewFormat = Format.YAML,
    mine: Mine = False,
    unregistered: Unregistered = False,
    preparation: Preparation = None,
    output: Output = None,
) -> None:
    """Show a dataset's registration in full."""
    client = current(context)
    if uid is not None:
        client.show.record(client.ports.registry.dataset(uid), form, output)
        return
    datasets = (
        []
        if unregistered
        else work.list_datasets(client.ports, mine=mine, preparation_id=preparation)
    )
    client.show.records(datasets, form, output)


@app.add("submit")
def submit(
    context: typer.Context,
    data_path: Annotated[
        Path, typer.Option("--data_path", "-d", metavar="FOLDER", readable=False, help="The data.")
    ],
    labels_path: Annotated[
        Path,
        typer.Option("--labels_path", "-l", metavar="FOLDER", readable=False, help="Its labels."),
    ],
    name: Annotated[str, typer.Option("--name", help="A name for it.")],
    description: Annotated[str, typer.Option("--description", help="What it is.")] = "",
    location: Annotated[str, typer.Option("--location", help="Where it comes from.")] = "",
    metadata_path: Annotated[
        Path | None,
        typer.Option(
            "--metadata_path",
            "-m",
            metavar="FOLDER",
            readable=False,
            help="Metadata of prepared data.",
        ),
    ] = None,
    benchmark: Annotated[
        int | None,
        typer.Option("--benchmark", "-b", metavar="ID", help="Prepare it for this benchmark,"),
    ] = None,
    preparation: Annotated[
        int | None,
        typer.Option("--data_prep", "-p", metavar="ID", help="or with this container."),
    ] = None,
    as_prepared: Annotated[
        bool, typer.Option("--submit-as-prepared", help="The data needs no preparation.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Register a dataset. The data stays where it is."""
    client = current(context, yes=yes)
    submission = work.DatasetSubmission(
        name=name,
        description=description,
        location=location,
        data_path=data_path,
        labels_path=labels_path,
        metadata_path=metadata_path,
        benchmark_id=benchmark,
        preparation_id=preparation,
        as_prepared=as_prepared,
    )
    dataset = work.submit_dataset(client.ports, submission)
    client.ports.reporter.say(f"Dataset {dataset.id} is registered.")
    client.show.made(dataset.id, dataset)


@app.add("prepare")
def prepare(context: typer.Context, data_uid: DataUid, yes: Yes = False) -> None:
    """Prepare a dataset: prepare, check, statistics. Goes on where it ended."""
    client = current(context, yes=yes)
    prepared = work.prepare_dataset(client.ports, data_uid)
    client.ports.reporter.say(f"Dataset {data_uid} is prepared. Nothing was sent.")
    client.show.document({"dataset": prepared.dataset_id, "statistics": prepared.statistics})


@app.add("set_operational")
def set_operational(context: typer.Context, data_uid: DataUid, yes: Yes = False) -> None:
    """Fix a prepared dataset and send its digests and statistics. One way."""
    client = current(context, yes=yes)
    dataset = work.set_operational(client.ports, data_uid)
    client.ports.reporter.say(f"Dataset {data_uid} is operational.")
    client.show.document(dataset)


@app.add("associate")
def associate(
    context: typer.Context,
    data_uid: DataUid,
    benchmark_uid: BenchmarkUid,
    yes: Yes = False,
    no_cache: NoCache = False,
) -> None:
    """Ask a benchmark's committee to accept your dataset."""
    client = current(context, yes=yes)
    association = work.associate_dataset(client.ports, data_uid, benchmark_uid, no_cache=no_cache)
    client.ports.reporter.say(
        f"Dataset {data_uid} and benchmark {benchmark_uid}: "
        f"the association is {association.approval_status.lower()}."
    )
    client.show.made(association.id, association)


@app.add("check")
def check(context: typer.Context, data_uid: DataUid) -> None:
    """Compare the prepared data with what was registered."""
    client = current(context)
    digest = work.check_dataset(client.ports, data_uid)
    client.ports.reporter.say(f"Dataset {data_uid} is what was registered.")
    client.show.document({"dataset": data_uid, "generated_uid": digest})
