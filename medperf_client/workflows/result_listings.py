"""Results, registered or of this machine alone, as commands show them."""

from http import HTTPStatus

from pydantic import BaseModel, ConfigDict

from medperf_api.contract.results import ResultRead
from medperf_client.errors import Refused
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.records import Execution, load_execution, local_executions
from medperf_client.workflows.registered_results import is_partial


class ResultEntry(BaseModel):
    """One line of a list of results, registered or of this machine alone."""

    model_config = ConfigDict(frozen=True)

    uid: int | str  # the server's number, or the local name until there is one
    benchmark: int
    model: int
    dataset: int
    status: str  # of the approval, or how far it came here
    partial: bool
    registered: bool


def list_results(
    ports: Ports, *, benchmark_id: int | None = None, mine: bool = False
) -> list[ResultEntry]:
    """Registered results by id: the caller's, or a benchmark's where the caller may see them."""
    if benchmark_id is None or mine:
        found = ports.registry.my_results()
    else:
        found = _benchmark_results(ports, benchmark_id)
    wanted = (result for result in found if benchmark_id in {None, result.benchmark})
    return [_registered_entry(result) for result in sorted(wanted, key=lambda result: result.id)]


def list_local_results(ports: Ports, *, benchmark_id: int | None = None) -> list[ResultEntry]:
    """Executions of this machine that were never submitted."""
    return [
        _local_entry(execution)
        for execution in local_executions(ports)
        if execution.result is None and benchmark_id in {None, execution.benchmark}
    ]


def view_result(ports: Ports, name: str) -> Execution | ResultRead:
    """A result by its local name or the server's number. Raises: UsageFault, Refused, …."""
    if name.isascii() and name.isdecimal():
        return ports.registry.result(int(name))
    return load_execution(ports, name)


def _benchmark_results(ports: Ports, benchmark_id: int) -> list[ResultRead]:
    try:
        return ports.registry.benchmark_results(benchmark_id)
    except Refused as refusal:
        if refusal.status != HTTPStatus.FORBIDDEN:
            raise
    return ports.registry.my_results()


def _registered_entry(result: ResultRead) -> ResultEntry:
    return ResultEntry(
        uid=result.id,
        benchmark=result.benchmark,
        model=result.model,
        dataset=result.dataset,
        status=result.approval_status,
        partial=is_partial(result),
        registered=True,
    )


def _local_entry(execution: Execution) -> ResultEntry:
    return ResultEntry(
        uid=execution.name,
        benchmark=execution.benchmark,
        model=execution.model,
        dataset=execution.dataset,
        status=execution.state,
        partial=execution.partial,
        registered=False,
    )
