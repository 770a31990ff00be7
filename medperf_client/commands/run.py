"""`medperf run`: one model on one dataset, then its result to the server."""

from typing import TYPE_CHECKING

import typer

from medperf_client.commands import work
from medperf_client.commands.current import current
from medperf_client.commands.groups import group
from medperf_client.commands.parameters import (
    Benchmark,
    DataUid,
    IgnoreModelErrors,
    ModelUid,
    NoCache,
    Yes,
)
from medperf_client.commands.run_summary import summary_document, summary_text

if TYPE_CHECKING:
    from medperf_client.context import Client
    from medperf_client.workflows.run_benchmark import ExecutionRow

app = group("run")


@app.add("run")
def run(
    context: typer.Context,
    benchmark: Benchmark,
    data_uid: DataUid,
    model_uid: ModelUid,
    ignore_model_errors: IgnoreModelErrors = False,
    no_cache: NoCache = False,
    yes: Yes = False,
) -> None:
    """Run one model on your dataset, show its result and, once you agree, register it."""
    client = current(context, yes=yes)
    row = run_one(client, benchmark, data_uid, model_uid, ignore_model_errors, no_cache)
    registered = work.submit_result(client.ports, row.result)
    client.ports.reporter.say(f"Result {row.result} is registered as {registered.id}.")
    client.show.made(registered.id, registered)


def run_one(
    client: "Client",
    benchmark: int,
    dataset: int,
    model: int,
    ignore_model_errors: bool,
    no_cache: bool,
) -> "ExecutionRow":
    """The execution of one model; ends the command, with its row, where it failed."""
    request = work.RunRequest(
        benchmark_id=benchmark,
        dataset_id=dataset,
        model_ids=(model,),
        ignore_model_errors=ignore_model_errors,
        no_cache=no_cache,
    )
    summary = work.run_benchmark(client.ports, request)
    if summary.failed:
        client.show.text_or_document(summary_text(summary), summary_document(summary))
        raise typer.Exit(work.ExitCode.CONTAINER)
    return summary.executions[0]
