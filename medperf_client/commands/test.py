"""`medperf test`: whether a preparation, a model and metrics work together, and earlier reports."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group
from medperf_client.commands.parameters import Format, NoCache, Output, ViewFormat
from medperf_client.output.column import Column, Table

if TYPE_CHECKING:
    from medperf_client.workflows.reports import CompatibilityReport

app = group("test")

_COLUMNS: "tuple[Column[CompatibilityReport], ...]" = (
    Column("UID", lambda report: report.name, right=True),
    Column("Benchmark", lambda report: report.benchmark, right=True),
    Column("Data", lambda report: report.data),
    Column("Data Preparator", lambda report: report.data_preparator),
    Column("Model", lambda report: report.model),
    Column("Evaluator", lambda report: report.evaluator),
    Column("Made (UTC)", lambda report: report.made_at and f"{report.made_at:%Y-%m-%d %H:%M}"),
)


@app.add("run")
def run(
    context: typer.Context,
    benchmark: Annotated[
        int | None,
        typer.Option(
            "--benchmark", "-b", metavar="ID", help="Take what is not given from this benchmark."
        ),
    ] = None,
    data_uid: Annotated[
        int | None,
        typer.Option("--data_uid", "-d", metavar="ID", help="Test on this prepared dataset,"),
    ] = None,
    demo_dataset_url: Annotated[
        str | None,
        typer.Option("--demo_dataset_url", metavar="URL", help="or on this demo dataset,"),
    ] = None,
    demo_dataset_hash: Annotated[
        str | None, typer.Option("--demo_dataset_hash", metavar="SHA256", help="of this hash,")
    ] = None,
    data_path: Annotated[
        Path | None,
        typer.Option("--data_path", metavar="FOLDER", readable=False, help="or on this raw data"),
    ] = None,
    labels_path: Annotated[
        Path | None,
        typer.Option("--labels_path", metavar="FOLDER", readable=False, help="with these labels."),
    ] = None,
    data_preparator: Annotated[
        str | None,
        typer.Option("--data_preparator", "-p", metavar="ID|PATH", help="The preparation,"),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", "-m", metavar="ID|PATH", help="the model,")
    ] = None,
    evaluator: Annotated[
        str | None, typer.Option("--evaluator", "-e", metavar="ID|PATH", help="and the metrics.")
    ] = None,
    no_cache: NoCache = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no server; use what is on this machine.")
    ] = False,
    skip_demo_data_preparation: Annotated[
        bool,
        typer.Option("--skip-demo-data-preparation", help="The data is prepared already."),
    ] = False,
    use_local_model_image: Annotated[
        bool,
        typer.Option(
            "--use-local-model-image", help="Take the model's image of this machine as it is."
        ),
    ] = False,
) -> None:
    """Prepare, check, infer and evaluate, on data for tests. Nothing is sent."""
    client = current(context, offline=offline)
    request = work.CompatibilityRequest(
        benchmark_id=benchmark,
        data=work.DataChoice(
            dataset_id=data_uid,
            demo_url=demo_dataset_url,
            demo_hash=demo_dataset_hash,
            data_path=data_path,
            labels_path=labels_path,
        ),
        preparator=data_preparator,
        model=model,
        evaluator=evaluator,
        no_cache=no_cache,
        offline=offline,
        skip_preparation=skip_demo_data_preparation,
        own_model_image=use_local_model_image,
    )
    outcome = work.run_compatibility_test(client.ports, request)
    report = outcome.report
    client.ports.reporter.say(
        f"The containers work together. `medperf test view {report.name}` shows the report."
    )
    document = {**report.model_dump(mode="json"), "from_cache": outcome.from_cache}
    client.show.record(document if client.options.json else report.results)


@app.add("ls")
def ls(context: typer.Context, output: Output = None) -> None:
    """List the reports of earlier tests, the newest last."""
    client = current(context)
    client.show.table(Table(work.list_reports(client.ports), _COLUMNS), output)


@app.add("view")
def view(
    context: typer.Context,
    uid: Annotated[
        str | None, typer.Argument(metavar="ID", help="One report; all without.")
    ] = None,
    form: ViewFormat = Format.YAML,
    output: Output = None,
) -> None:
    """Show the report of an earlier test in full."""
    client = current(context)
    if uid is not None:
        client.show.record(work.load_report(client.ports, uid), form, output)
    else:
        client.show.records(work.list_reports(client.ports), form, output)
