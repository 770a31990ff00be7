"""Sending one result, after its owner saw it whole."""

from medperf_api.contract.results import ResultCreate, ResultRead
from medperf_client.errors import OutOfOrder
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Proposal
from medperf_client.workflows.records import (
    Execution,
    ExecutionState,
    load_execution,
    save_execution,
)
from medperf_client.workflows.registered_results import result_metadata


def submit_result(ports: Ports, name: str) -> ResultRead:
    """Show a local result, ask, and register it.

    Raises: UsageFault (no such result), OutOfOrder (unfinished, or submitted before), Declined, ….
    """
    execution = load_execution(ports, name)
    _require_new(ports, execution)
    body = ResultCreate(
        name=name,
        benchmark=execution.benchmark,
        model=execution.model,
        dataset=execution.dataset,
        results=execution.results,
        metadata=result_metadata(execution),
    )
    ports.consent.require(
        Proposal(
            title=f"Submission of result {name}",
            question="Send this to the server?",
            body=body.model_dump(mode="json"),
            notes=("The benchmark's owner will see it. It cannot be changed afterwards.",),
        )
    )
    registered = ports.registry.create_result(body)
    save_execution(ports, execution.model_copy(update={"result": registered.id}))
    return registered


def _require_new(ports: Ports, execution: Execution) -> None:
    if execution.state is not ExecutionState.DONE:
        raise OutOfOrder(
            f"Result {execution.name} is not finished: it is {execution.state}. {execution.error}",
            hint=f"Run `medperf benchmark run -b {execution.benchmark} -d {execution.dataset}`.",
        )
    number = _registered(ports, execution)
    if number is not None:
        raise OutOfOrder(
            f"Result {execution.name} was submitted before; the server has it as {number}.",
            hint=f"`medperf result view {number}` shows it.",
        )


def _registered(ports: Ports, execution: Execution) -> int | None:
    """The server's number of this result, also where its answer never arrived here."""
    triple = (execution.benchmark, execution.model, execution.dataset)
    for result in ports.registry.my_results():
        same = (result.benchmark, result.model, result.dataset) == triple
        if same and (result.id == execution.result or result.results == execution.results):
            return result.id
    return None
