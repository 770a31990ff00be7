"""`medperf result`: results of this machine and registered ones."""

from typing import TYPE_CHECKING, Annotated

import typer

from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group
from medperf_client.commands.parameters import (
    Benchmark,
    DataUid,
    Format,
    IgnoreModelErrors,
    Mine,
    ModelUid,
    NoCache,
    OfBenchmark,
    Output,
    Unregistered,
    ViewFormat,
    Yes,
)
from medperf_client.commands.run import run_one
from medperf_client.commands.run_summary import execution_document
from medperf_client.output.column import Column, Table

if TYPE_CHECKING:
    from medperf_client.context import Client
    from medperf_client.workflows.result_listings import ResultEntry

app = group("result")

_COLUMNS: "tuple[Column[ResultEntry], ...]" = (
    Column("UID", lambda entry: entry.uid, right=True),
    Column("Benchmark", lambda entry: entry.benchmark, right=True),
    Column("Model", lambda entry: entry.model, right=True),
    Column("Dataset", lambda entry: entry.dataset, right=True),
    Column("Partial", lambda entry: entry.partial),
    Column("Status", lambda entry: entry.status),
    Column("Registered", lambda entry: entry.registered),
)


def _entries(
    client: "Client", benchmark: int | None, mine: bool, unregistered: bool
) -> "list[ResultEntry]":
    local = work.list_local_results(client.ports, benchmark_id=benchmark)
    if unregistered:
        return local
    return [*work.list_results(client.ports, benchmark_id=benchmark, mine=mine), *local]


@app.add("ls")
def ls(
    context: typer.Context,
    benchmark: OfBenchmark = None,
    mine: Mine = False,
    unregistered: Unregistered = False,
    output: Output = None,
) -> None:
    """List registered results, and those of this machine that were never sent."""
    client = current(context)
    entries = _entries(client, benchmark, mine, unregistered)
    client.show.table(Table(entries, _COLUMNS), output)


@app.add("view")
def view(
    context: typer.Context,
    uid: Annotated[
        str | None, typer.Argument(metavar="ID", help="A local name (b1m4d1) or a number.")
    ] = None,
    form: ViewFormat = Format.YAML,
    benchmark: OfBenchmark = None,
    mine: Mine = False,
    unregistered: Unregistered = False,
    output: Output = None,
) -> None:
    """Show a result in full; every one without an ID."""
    client = current(context)
    names = (
        [uid]
        if uid is not None
        else [str(entry.uid) for entry in _entries(client, benchmark, mine, unregistered)]
    )
    found = [work.view_result(client.ports, name) for name in names]
    if uid is not None:
        client.show.record(found[0], form, output)
    else:
        client.show.records(found, form, output)


@app.add("create")
def create(
    context: typer.Context,
    benchmark: Benchmark,
    data_uid: DataUid,
    model_uid: ModelUid,
    ignore_model_errors: IgnoreModelErrors = False,
    no_cache: NoCache = False,
) -> None:
    """Run one model on your dataset. Nothing is sent."""
    client = current(context)
    row = run_one(client, benchmark, data_uid, model_uid, ignore_model_errors, no_cache)
    client.show.made(row.result, execution_document(row))


@app.add("submit")
def submit(
    context: typer.Context,
    result: Annotated[
        str, typer.Option("--result", "-r", metavar="NAME", help="Local name, such as b1m4d1.")
    ],
    yes: Yes = False,
) -> None:
    """Show a result and, once you agree, register it."""
    client = current(context, yes=yes)
    registered = work.submit_result(client.ports, result)
    client.ports.reporter.say(f"Result {result} is registered as {registered.id}.")
    client.show.made(registered.id, registered)
