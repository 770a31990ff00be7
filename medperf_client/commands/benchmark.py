"""`medperf benchmark`: list, register and fill benchmarks, and run their models."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group
from medperf_client.commands.parameters import (
    Benchmark,
    BenchmarkUid,
    DataUid,
    Format,
    IgnoreModelErrors,
    Mine,
    NoCache,
    Output,
    RecordId,
    Unregistered,
    ViewFormat,
    Yes,
)
from medperf_client.commands.run_summary import summary_document, summary_text
from medperf_client.output.column import Column, Table

if TYPE_CHECKING:
    from medperf_api.contract.associations import DatasetAssociationRead, ModelAssociationRead
    from medperf_api.contract.benchmarks import BenchmarkRead
    from medperf_client.workflows.execute import Plan

    Association = DatasetAssociationRead | ModelAssociationRead

app = group("benchmark")

_COLUMNS: "tuple[Column[BenchmarkRead], ...]" = (
    Column("UID", lambda benchmark: benchmark.id, right=True),
    Column("Name", lambda benchmark: benchmark.name),
    Column("Description", lambda benchmark: benchmark.description),
    Column("State", lambda benchmark: benchmark.state),
    Column("Approval Status", lambda benchmark: benchmark.approval_status),
    Column("Registered", lambda benchmark: True),
)

_PLAN_COLUMNS: "tuple[Column[Plan], ...]" = (
    Column("Model", lambda plan: plan.model, right=True),
    Column("Name", lambda plan: plan.name),
    Column("Local result UID", lambda plan: plan.result),
    Column("Plan", lambda plan: plan.action),
    Column("Containers to fetch", lambda plan: ", ".join(map(str, plan.fetch))),
)


@app.add("ls")
def ls(
    context: typer.Context,
    mine: Mine = False,
    unregistered: Unregistered = False,
    output: Output = None,
) -> None:
    """List benchmarks."""
    client = current(context)
    benchmarks = [] if unregistered else work.list_benchmarks(client.ports, mine=mine)
    client.show.table(Table(benchmarks, _COLUMNS), output)


@app.add("view")
def view(
    context: typer.Context,
    uid: RecordId = None,
    form: ViewFormat = Format.YAML,
    mine: Mine = False,
    unregistered: Unregistered = False,
    output: Output = None,
) -> None:
    """Show a benchmark in full."""
    client = current(context)
    if uid is not None:
        client.show.record(client.ports.registry.benchmark(uid), form, output)
        return
    benchmarks = [] if unregistered else work.list_benchmarks(client.ports, mine=mine)
    client.show.records(benchmarks, form, output)


@app.add("submit")
def submit(
    context: typer.Context,
    name: Annotated[str, typer.Option("--name", "-n", help="A name that no other has.")],
    demo_url: Annotated[
        str,
        typer.Option("--demo-url", metavar="URL", help="The demo dataset's tarball, URL or path,"),
    ],
    preparator: Annotated[
        int,
        typer.Option("--data-preparation-container", "-p", metavar="ID", help="The preparation,"),
    ],
    reference_model: Annotated[
        int,
        typer.Option("--reference-model-container", "-m", metavar="ID", help="a model,"),
    ],
    evaluator: Annotated[
        int, typer.Option("--evaluator-container", "-e", metavar="ID", help="and the metrics.")
    ],
    demo_hash: Annotated[
        str | None, typer.Option("--demo-hash", metavar="SHA256", help="and its hash.")
    ] = None,
    description: Annotated[str, typer.Option("--description", "-d", help="What it measures.")] = "",
    docs_url: Annotated[
        str, typer.Option("--docs-url", "-u", metavar="URL", help="Where to read about it.")
    ] = "",
    skip_demo_data_preparation: Annotated[
        bool,
        typer.Option("--skip-demo-data-preparation", help="The demo dataset is prepared already."),
    ] = False,
    operational: Annotated[
        bool, typer.Option("--operational", help="It is finished: its containers are fixed.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Register a benchmark, after a compatibility test of its containers."""
    client = current(context, yes=yes)
    submission = work.BenchmarkSubmission(
        name=name,
        description=description,
        docs_url=docs_url,
        demo_url=demo_url,
        demo_hash=demo_hash,
        preparator_id=preparator,
        reference_model_id=reference_model,
        evaluator_id=evaluator,
        skip_preparation=skip_demo_data_preparation,
        operational=operational,
    )
    benchmark = work.submit_benchmark(client.ports, submission)
    client.ports.reporter.say(
        f"Benchmark {benchmark.id} is registered. An admin of the server decides about it."
    )
    client.show.made(benchmark.id, benchmark)


@app.add("associate")
def associate(
    context: typer.Context,
    benchmark_uid: BenchmarkUid,
    model_uid: Annotated[
        int | None,
        typer.Option("--model_uid", "-m", metavar="ID", help="The model to test and ask for,"),
    ] = None,
    data_uid: Annotated[
        int | None, typer.Option("--data_uid", "-d", metavar="ID", help="or the dataset to invite.")
    ] = None,
    yes: Yes = False,
    no_cache: NoCache = False,
) -> None:
    """Ask the owner of a model or a dataset to join your benchmark."""
    client = current(context, yes=yes)
    if model_uid is not None and data_uid is None:
        asked = f"Model {model_uid}"
        association: Association = work.associate_model(
            client.ports, model_uid, benchmark_uid, no_cache=no_cache
        )
    elif data_uid is not None and model_uid is None:
        asked = f"Dataset {data_uid}"
        association = work.invite_dataset(client.ports, data_uid, benchmark_uid)
    else:
        raise work.UsageFault(
            "Exactly one of a model and a dataset is needed.",
            hint="Give --model_uid or --data_uid.",
        )
    client.ports.reporter.say(
        f"{asked} and benchmark {benchmark_uid}: "
        f"the association is {association.approval_status.lower()}."
    )
    client.show.made(association.id, association)


@app.add("run")
def run(
    context: typer.Context,
    benchmark: Benchmark,
    data_uid: DataUid,
    models_from_file: Annotated[
        Path | None,
        typer.Option(
            "--models-from-file",
            "-f",
            metavar="FILE",
            help="Only the models whose ids this file holds, parted by commas or lines.",
        ),
    ] = None,
    ignore_model_errors: IgnoreModelErrors = False,
    no_cache: NoCache = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be done, model by model.")
    ] = False,
) -> None:
    """Run a benchmark's models on your dataset. Nothing is sent."""
    client = current(context)
    request = work.RunRequest(
        benchmark_id=benchmark,
        dataset_id=data_uid,
        model_ids=None if models_from_file is None else _model_ids(models_from_file),
        ignore_model_errors=ignore_model_errors,
        no_cache=no_cache,
    )
    if dry_run:
        client.show.table(Table(work.plan_benchmark(client.ports, request), _PLAN_COLUMNS))
        return
    summary = work.run_benchmark(client.ports, request)
    client.show.text_or_document(summary_text(summary), summary_document(summary))
    if summary.failed:
        raise typer.Exit(work.ExitCode.CONTAINER)


def _model_ids(file: Path) -> tuple[int, ...]:
    try:
        words = file.read_text(encoding="utf-8").replace(",", " ").split()
        ids = tuple(int(word) for word in words)
    except OSError as error:
        raise work.UsageFault(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise work.UsageFault(
            f"{file} holds something else than the ids of models.",
            hint="Write numbers parted by commas or lines: 2, 4",
        ) from error
    if not ids:
        raise work.UsageFault(f"{file} names no model.")
    return ids
