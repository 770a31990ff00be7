"""Running a benchmark's models on a dataset; one that fails does not stop the others."""

from contextlib import suppress
from dataclasses import dataclass

from medperf_api.contract.benchmarks import BenchmarkRead
from medperf_api.contract.states import Approval
from medperf_client.errors import (
    BadData,
    Cancelled,
    Cause,
    EngineUnavailable,
    MedperfError,
    NotLoggedIn,
    UsageFault,
)
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.associate_dataset import require_approved
from medperf_client.workflows.execute import Executor, Plan
from medperf_client.workflows.prepare_dataset import my_dataset
from medperf_client.workflows.records import execution_name, load_dataset, prepared_folders


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Which models to run. None means all that the benchmark approved, and its reference."""

    benchmark_id: int
    dataset_id: int
    model_ids: tuple[int, ...] | None = None
    ignore_model_errors: bool = False
    no_cache: bool = False


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """How one execution ended."""

    model: int
    result: str  # its local name
    partial: bool = False
    from_cache: bool = False
    error: str | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How all executions ended, in the order they ran."""

    executions: tuple[ExecutionRow, ...]

    @property
    def skipped(self) -> tuple[ExecutionRow, ...]:
        """Those whose result had been there before."""
        return tuple(row for row in self.executions if row.from_cache)

    @property
    def failed(self) -> tuple[ExecutionRow, ...]:
        """Those without a result."""
        return tuple(row for row in self.executions if row.error is not None)

    @property
    def ran(self) -> tuple[ExecutionRow, ...]:
        """Those whose result was made now."""
        return tuple(row for row in self.executions if not row.from_cache and row.error is None)


def run_benchmark(ports: Ports, request: RunRequest) -> RunSummary:
    """Run the models of a benchmark on a dataset that it accepted.

    A model's failure is its row's; raises only what concerns all of them: OutOfOrder, Refused,
    EngineUnavailable, Cancelled, ….
    """
    executor, models = _prepared(ports, request)
    with suppress(EngineUnavailable):
        # A run that finds everything in the cache needs no engine, and still tidies up.
        ports.engine.remove_leftovers()
    return RunSummary(tuple(_row(executor, request, model) for model in models))


def plan_benchmark(ports: Ports, request: RunRequest) -> tuple[Plan, ...]:
    """What ``run_benchmark`` would do, in its order. Starts, fetches, writes and sends nothing.

    Raises: as ``run_benchmark``, and Refused, where a model cannot be read.
    """
    executor, models = _prepared(ports, request)
    return tuple(executor.plan(model) for model in models)


def _prepared(ports: Ports, request: RunRequest) -> tuple[Executor, tuple[int, ...]]:
    dataset = my_dataset(ports, request.dataset_id)
    benchmark = ports.registry.benchmark(request.benchmark_id)
    require_approved(ports, request.dataset_id, request.benchmark_id)
    _require_data(ports, request.dataset_id)
    models = _models(ports, benchmark, request.model_ids)
    executor = Executor(
        ports,
        benchmark,
        dataset,
        no_cache=request.no_cache,
        ignore_model_errors=request.ignore_model_errors,
    )
    return executor, models


def _row(executor: Executor, request: RunRequest, model_id: int) -> ExecutionRow:
    name = execution_name(request.benchmark_id, model_id, request.dataset_id)
    try:
        outcome = executor.execute(model_id)
    except (Cancelled, EngineUnavailable, NotLoggedIn):
        # The next model would fail of the same.
        raise
    except MedperfError as failure:
        executor.ports.reporter.warn(f"Model {model_id}: {failure.message}")
        cause = getattr(failure, "cause", None)
        return ExecutionRow(model_id, name, error=failure.message, cause=cause)
    return ExecutionRow(
        model_id, name, partial=outcome.execution.partial, from_cache=outcome.from_cache
    )


def _models(
    ports: Ports, benchmark: BenchmarkRead, wanted: tuple[int, ...] | None
) -> tuple[int, ...]:
    """The reference model, then the approved ones, highest priority first; or those named."""
    approved = (
        entry.model_mlcube
        for entry in ports.registry.benchmark_models(benchmark.id)
        if entry.approval_status is Approval.APPROVED
    )
    runnable = tuple(dict.fromkeys((benchmark.reference_model_mlcube, *approved)))
    strangers = [model for model in wanted or () if model not in runnable]
    if strangers:
        raise UsageFault(
            f"No approved model of benchmark {benchmark.id}: {', '.join(map(str, strangers))}.",
            hint=f"It has {', '.join(map(str, runnable))}.",
        )
    return runnable if wanted is None else tuple(dict.fromkeys(wanted))


def _require_data(ports: Ports, dataset_id: int) -> None:
    data, labels = prepared_folders(ports, load_dataset(ports, dataset_id))
    for folder in (data, labels):
        if not folder.is_dir():
            raise BadData(
                f"The prepared data of dataset {dataset_id} is gone: {folder}",
                hint="Restore it from a backup, or submit the data as a new dataset.",
            )
