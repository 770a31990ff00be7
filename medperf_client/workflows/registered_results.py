"""What a registered result tells of how it was made, so that another machine can judge it."""

from operator import attrgetter

from pydantic import JsonValue

from medperf_api.contract.results import ResultRead
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.records import Execution, ExecutionState


def result_metadata(execution: Execution) -> dict[str, JsonValue]:
    """What is sent beside a result: whether it is partial, and the digest of its inputs."""
    return {"partial": execution.partial, "inputs": execution.inputs}


def is_partial(result: ResultRead) -> bool:
    """Whether a registered result was measured on some of the predictions only."""
    return _told(result).get("partial") is True


def registered_executions(ports: Ports, benchmark_id: int, dataset_id: int) -> list[Execution]:
    """The executions behind the caller's registered results of the pair, newest first.

    One whose result tells no inputs, as another client's, has none: nobody knows what it is of.
    """
    pair = (benchmark_id, dataset_id)
    of_pair = (
        result
        for result in ports.registry.my_results()
        if (result.benchmark, result.dataset) == pair
    )
    newest_first = sorted(of_pair, key=attrgetter("created_at", "id"), reverse=True)
    return [_execution(result) for result in newest_first]


def _execution(result: ResultRead) -> Execution:
    inputs = _told(result).get("inputs")
    return Execution(
        benchmark=result.benchmark,
        model=result.model,
        dataset=result.dataset,
        state=ExecutionState.DONE,
        inputs=inputs if isinstance(inputs, str) else "",
        partial=is_partial(result),
        results=result.results,
        result=result.id,
    )


def _told(result: ResultRead) -> dict[str, JsonValue]:
    return result.metadata if isinstance(result.metadata, dict) else {}
