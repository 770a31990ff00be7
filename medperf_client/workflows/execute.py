"""One model on one dataset: infer, evaluate, keep the result. Resumes at the last finished step."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from medperf_api.contract.benchmarks import BenchmarkRead
from medperf_api.contract.container_config import TaskName
from medperf_api.contract.cubes import CubeRead
from medperf_api.contract.datasets import DatasetRead
from medperf_api.contract.digests import combined_digest
from medperf_client.errors import ContainerFailed, MedperfError
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.cubes import Cube, cube_identity, fetch_cube, was_fetched
from medperf_client.workflows.outputs import has_files, read_results, require_predictions
from medperf_client.workflows.records import (
    Execution,
    ExecutionState,
    find_execution,
    load_dataset,
    prepared_folders,
    save_execution,
)
from medperf_client.workflows.registered_results import registered_executions
from medperf_client.workflows.tasks import run_task


@dataclass(frozen=True, slots=True)
class Outcome:
    """An execution as it ended, and whether its result had been there before."""

    execution: Execution
    from_cache: bool


class Action(StrEnum):
    """What a run would do for one model."""

    CACHED = "cached"  # nothing: its result is there
    EVALUATE = "evaluate"  # only this: its predictions are there
    RUN = "run"


class Plan(BaseModel):
    """One model of a run that was not started."""

    model_config = ConfigDict(frozen=True)

    model: int
    name: str
    result: str  # its local name
    action: Action
    fetch: tuple[int, ...]  # containers that are needed and were not fetched to this machine


class Executor:
    """Runs models of one benchmark on one dataset; the metrics cube is fetched once."""

    def __init__(
        self,
        ports: Ports,
        benchmark: BenchmarkRead,
        dataset: DatasetRead,
        *,
        no_cache: bool = False,
        ignore_model_errors: bool = False,
    ) -> None:
        self.ports = ports
        self.benchmark = benchmark
        self.dataset = dataset
        self.no_cache = no_cache
        self.ignore_model_errors = ignore_model_errors
        self.data, self.labels = prepared_folders(ports, load_dataset(ports, dataset.id))
        self.evaluator = ports.registry.cube(benchmark.data_evaluator_mlcube)
        self._evaluator_here: Cube | None = None
        self._registered: list[Execution] | None = None

    def execute(self, model_id: int) -> Outcome:
        """The result of one model, from the cache or made now.

        A failure is kept in the execution's record, then raised: ContainerFailed, BadData, ….
        """
        model = self.ports.registry.cube(model_id)
        planned = self._planned(model)
        with self.ports.workspace.lock("results", planned.name):
            cached = self._cached(planned)
            if cached is not None:
                is_here = cached.updated_at is not None
                kept = cached if is_here else save_execution(self.ports, cached)
                return Outcome(kept, from_cache=True)
            try:
                return Outcome(self._run(model, planned), from_cache=False)
            except MedperfError as failure:
                self._keep_failure(planned, failure)
                raise

    def plan(self, model_id: int) -> Plan:
        """What ``execute`` would do. Starts, fetches and writes nothing."""
        model = self.ports.registry.cube(model_id)
        planned = self._planned(model)
        needed: tuple[CubeRead, ...]
        if self._cached(planned) is not None:
            action, needed = Action.CACHED, ()
        elif self._inferred(planned) is not None:
            action, needed = Action.EVALUATE, (self.evaluator,)
        else:
            action, needed = Action.RUN, (model, self.evaluator)
        return Plan(
            model=model.id,
            name=model.name,
            result=planned.name,
            action=action,
            fetch=tuple(cube.id for cube in needed if not was_fetched(self.ports, cube)),
        )

    def _planned(self, model: CubeRead) -> Execution:
        return Execution(
            benchmark=self.benchmark.id,
            model=model.id,
            dataset=self.dataset.id,
            inputs=combined_digest(
                (
                    cube_identity(model),
                    cube_identity(self.evaluator),
                    self.dataset.generated_uid,
                )
            ),
        )

    def _cached(self, planned: Execution) -> Execution | None:
        """A finished execution of the same inputs: the one here, or the newest registered."""
        if self.no_cache:
            return None
        known = find_execution(self.ports, planned.name)
        if known and known.state is ExecutionState.DONE and self._may_use(known, planned):
            return known
        for registered in self._registered_executions():
            if registered.model == planned.model and self._may_use(registered, planned):
                return registered
        return None

    def _may_use(self, known: Execution, planned: Execution) -> bool:
        """Whether what was made of the same inputs is as whole as this run wants it."""
        return known.inputs == planned.inputs and (self.ignore_model_errors or not known.partial)

    def _registered_executions(self) -> list[Execution]:
        if self._registered is None:
            self._registered = registered_executions(self.ports, self.benchmark.id, self.dataset.id)
        return self._registered

    def _run(self, model: CubeRead, planned: Execution) -> Execution:
        predictions = self._predictions(planned)
        inferred = self._inferred(planned) or self._infer(model, planned, predictions)
        return self._evaluate(inferred, predictions)

    def _inferred(self, planned: Execution) -> Execution | None:
        """An execution whose predictions are here and wait for their evaluation."""
        known = find_execution(self.ports, planned.name)
        resumable = (
            not self.no_cache
            and known is not None
            and self._may_use(known, planned)
            and known.state in {ExecutionState.INFERRED, ExecutionState.EVALUATING}
            and self._predictions(planned).is_dir()
        )
        return known if resumable else None

    def _predictions(self, planned: Execution) -> Path:
        return self.ports.workspace.path("predictions", planned.name)

    def _infer(self, model: CubeRead, planned: Execution, predictions: Path) -> Execution:
        self._reach(planned, ExecutionState.FETCHING)
        cube = fetch_cube(self.ports, model)
        self._evaluator()
        self._reach(planned, ExecutionState.INFERRING)
        partial = False
        with (
            self.ports.workspace.scratch() as scratch,
            self.ports.reporter.step(f"Infer with {cube.name}") as step,
        ):
            made = scratch / "predictions"
            mounts = {"data_path": self.data, "output_path": made}
            try:
                run_task(self.ports, cube, TaskName.INFER, mounts, planned.name, step)
            except ContainerFailed as failure:
                if not (self.ignore_model_errors and has_files(self.ports, made)):
                    raise
                step.note(f"failed ({failure.cause}); scoring what predictions there are")
                partial = True
            require_predictions(self.ports, made, cube.name)
            self.ports.workspace.folder("predictions")
            self.ports.workspace.adopt(made, predictions)
        inferred = planned.model_copy(update={"partial": partial})
        return self._reach(inferred, ExecutionState.INFERRED)

    def _evaluate(self, inferred: Execution, predictions: Path) -> Execution:
        cube = self._evaluator()
        evaluating = self._reach(inferred, ExecutionState.EVALUATING)
        with (
            self.ports.workspace.scratch() as scratch,
            self.ports.reporter.step(f"Evaluate with {cube.name}") as step,
        ):
            mounts = {
                "predictions": predictions,
                "labels": self.labels,
                "output_path": scratch / "results.yaml",
                "local_outputs_path": scratch / "local_outputs",
            }
            run_task(self.ports, cube, TaskName.EVALUATE, mounts, inferred.name, step)
            results = read_results(self.ports, scratch / "results.yaml", cube.name)
            if (scratch / "local_outputs").is_dir():
                home = self.ports.workspace.folder("results", inferred.name)
                self.ports.workspace.adopt(scratch / "local_outputs", home / "local_outputs")
        done = evaluating.model_copy(update={"results": results})
        return self._reach(done, ExecutionState.DONE)

    def _evaluator(self) -> Cube:
        if self._evaluator_here is None:
            self._evaluator_here = fetch_cube(self.ports, self.evaluator)
        return self._evaluator_here

    def _reach(self, execution: Execution, state: ExecutionState) -> Execution:
        clean = {"state": state, "cause": None, "error": ""}
        return save_execution(self.ports, execution.model_copy(update=clean))

    def _keep_failure(self, planned: Execution, failure: MedperfError) -> None:
        known = find_execution(self.ports, planned.name) or planned
        if known.state in {ExecutionState.INFERRED, ExecutionState.EVALUATING}:
            # Its predictions stand: only the evaluation is to be done again.
            kept = {"state": ExecutionState.INFERRED}
        else:
            kept = {"state": ExecutionState.FAILED}
        told = {"cause": getattr(failure, "cause", None), "error": failure.message}
        save_execution(self.ports, known.model_copy(update={**kept, **told}))
