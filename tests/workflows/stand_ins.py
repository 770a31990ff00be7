"""Stand-ins for what a workflow talks to: a registry in memory, an engine of Python functions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from medperf_api.contract.associations import DatasetAssociationCreate, DatasetAssociationRead
from medperf_api.contract.benchmarks import BenchmarkModel, BenchmarkRead
from medperf_api.contract.container_config import TASK_SHAPES, TaskName
from medperf_api.contract.cubes import CubeRead
from medperf_api.contract.datasets import DatasetCreate, DatasetPublic, DatasetRead, DatasetUpdate
from medperf_api.contract.results import ResultCreate, ResultRead
from medperf_api.contract.states import Approval, State
from medperf_api.contract.users import UserRead
from medperf_client.adapters.files import LocalFiles
from medperf_client.adapters.workspace import LocalWorkspace
from medperf_client.errors import Cause, ContainerFailed, Declined, Refused, ServerUnreachable
from medperf_client.ports.bundle import RunSettings
from medperf_client.ports.engine import ContainerJob, OnLine
from medperf_client.ports.reporter import Proposal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ME, COMMITTEE = 7, 8
PREPARATION, REFERENCE, METRICS, MODEL = 1, 2, 3, 4
BENCHMARK = 1


class MemoryRegistry:
    """Keeps what it is sent; the next ``lost_answers`` writes arrive, but their answers do not."""

    def __init__(self) -> None:
        self.held_datasets: dict[int, DatasetRead] = {}
        self.held_associations: list[DatasetAssociationRead] = []
        self.held_results: list[ResultRead] = []
        self.held_cubes = {number: _cube(number) for number in (1, 2, 3, 4)}
        self.lost_answers = 0

    def me(self) -> UserRead:
        return UserRead(
            id=ME, username="me", email="me@example.com", created_at=NOW, modified_at=NOW
        )

    def benchmark(self, benchmark_id: int) -> BenchmarkRead:
        if benchmark_id != BENCHMARK:
            raise Refused(f"benchmark {benchmark_id} not found", status=404)
        return BenchmarkRead(
            id=BENCHMARK, owner=COMMITTEE, name="chestxray", created_at=NOW, modified_at=NOW,
            demo_dataset_tarball_url="u", demo_dataset_tarball_hash="h",
            demo_dataset_generated_uid="g", data_preparation_mlcube=PREPARATION,
            reference_model_mlcube=REFERENCE, data_evaluator_mlcube=METRICS,
            state=State.OPERATION, approval_status=Approval.APPROVED,
        )  # fmt: skip

    def benchmark_models(self, benchmark_id: int) -> list[BenchmarkModel]:
        return [BenchmarkModel(model_mlcube=MODEL, approval_status="APPROVED", created_at=NOW)]

    def cube(self, cube_id: int) -> CubeRead:
        return self.held_cubes[cube_id]

    def my_datasets(self) -> list[DatasetRead]:
        return list(self.held_datasets.values())

    def dataset(self, dataset_id: int) -> DatasetPublic:
        if dataset_id not in self.held_datasets:
            raise Refused(f"dataset {dataset_id} not found", status=404)
        return self.held_datasets[dataset_id]

    def create_dataset(self, body: DatasetCreate) -> DatasetRead:
        number = len(self.held_datasets) + 1
        made = DatasetRead(
            id=number, owner=ME, created_at=NOW, modified_at=NOW, **body.model_dump()
        )
        self.held_datasets[number] = made
        self._answer()
        return made

    def update_dataset(self, dataset_id: int, body: DatasetUpdate) -> DatasetRead:
        changed = self.held_datasets[dataset_id].model_copy(update=body.changes())
        self.held_datasets[dataset_id] = changed
        self._answer()
        return changed

    def dataset_associations(self) -> list[DatasetAssociationRead]:
        return self.held_associations

    def request_dataset_association(self, body: DatasetAssociationCreate) -> DatasetAssociationRead:
        self.add_association(Approval.PENDING, ME, body.metadata)
        self._answer()
        return self.held_associations[-1]

    def add_association(self, status: Approval, initiator: int = ME, metadata: Any = None) -> None:
        """A step in the history of dataset 1 and benchmark 1."""
        number = len(self.held_associations) + 1
        self.held_associations.append(
            DatasetAssociationRead(
                id=number, dataset=1, benchmark=BENCHMARK, metadata=metadata or {},
                initiated_by=initiator, approval_status=status,
                created_at=NOW + timedelta(minutes=number), modified_at=NOW,
            )
        )  # fmt: skip

    def my_results(self) -> list[ResultRead]:
        return self.held_results

    def create_result(self, body: ResultCreate) -> ResultRead:
        made = ResultRead(
            id=len(self.held_results) + 1, owner=ME, created_at=NOW, modified_at=NOW,
            approval_status=Approval.PENDING, **body.model_dump(),
        )  # fmt: skip
        self.held_results.append(made)
        self._answer()
        return made

    def _answer(self) -> None:
        if self.lost_answers:
            self.lost_answers -= 1
            raise ServerUnreachable("the answer was lost")


Work = Callable[[dict[str, Path]], None]


class FunctionEngine:
    """Runs a Python function for each task, with the job's mounts by label."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.tidied = 0
        self.work: dict[tuple[int, str], Work] = {}

    def check(self) -> str:
        return "functions"

    def resolve(
        self, image: str, registered: str | None, on_line: OnLine, *, may_pull: bool = True
    ) -> str:
        return image

    def digest(self, image_id: str) -> str:
        return f"sha256:{image_id:0>64}"

    def remove_leftovers(self) -> None:
        self.tidied += 1

    def run(self, job: ContainerJob, on_line: OnLine) -> None:
        cube, task = int(job.image_id), str(job.labels["org.medperf.task"])
        self.ran.append(f"{task} {cube}")
        mounts = {target.strip("/"): path for target, path in {**job.inputs, **job.outputs}.items()}
        self.work.get((cube, task), DEFAULT_WORK[task])(mounts)


def _prepare(mounts: dict[str, Path]) -> None:
    for source, target in (("data_path", "output_path"), ("labels_path", "output_labels_path")):
        for file in mounts[source].iterdir():
            (mounts[target] / file.name).write_bytes(file.read_bytes())


def _statistics(mounts: dict[str, Path]) -> None:
    mounts["output_path"].write_text(f"cases: {len(list(mounts['data_path'].iterdir()))}\n")


def _infer(mounts: dict[str, Path]) -> None:
    (mounts["output_path"] / "predictions.csv").write_text("a,0.5\n")


def _evaluate(mounts: dict[str, Path]) -> None:
    mounts["output_path"].write_text("auc: 0.75\n")


DEFAULT_WORK: dict[str, Work] = {
    "prepare": _prepare,
    "sanity_check": lambda mounts: None,
    "statistics": _statistics,
    "infer": _infer,
    "evaluate": _evaluate,
}


def fails(cause: Cause = Cause.EXIT_CODE) -> Work:
    """Work that ends badly."""

    def work(mounts: dict[str, Path]) -> None:
        raise ContainerFailed("it failed", cause=cause)

    return work


def dies(mounts: dict[str, Path]) -> None:
    """Work in whose middle the client is killed."""
    raise SystemExit("killed")


class ConfigAssets:
    """Writes a configuration that gives each task of each cube all of its mounts, by label."""

    def fetch(self, source: str, expected: str | None, destination: Path, on_progress: Any) -> str:
        destination.write_text(_config(source))
        return expected or ""

    def extract(self, tarball: Path, destination: Path) -> None:
        raise AssertionError("no cube here has additional files")


def _config(image: str) -> str:
    lines = ["container_type: DockerImage", f"image: '{image}'", "tasks:"]
    for name in TaskName:
        shape = TASK_SHAPES[name]
        lines += [f"  {name}:"]
        for side, volumes in (("input", shape.inputs), ("output", shape.outputs)):
            wanted = [label for label in volumes if label not in shape.optional]
            lines += [f"    {side}_volumes:"] if wanted else []
            lines += [
                f"      {label}: {{mount_path: /{label}, type: {volumes[label]}}}"
                for label in wanted
            ]
    return "\n".join(lines)


def _cube(number: int) -> CubeRead:
    return CubeRead(
        id=number, owner=COMMITTEE, name=f"cube {number}", git_mlcube_url=str(number),
        mlcube_hash=f"{number:064x}", image_hash=f"sha256:{number:064x}", state=State.OPERATION,
        created_at=NOW, modified_at=NOW,
    )  # fmt: skip


class Listener:
    """A reporter that keeps what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator["Listener"]:
        self.said.append(title)
        yield self

    def line(self, text: str) -> None:
        self.said.append(text)

    def progress(self, done: int, total: int | None) -> None:
        assert done >= 0

    def note(self, text: str) -> None:
        self.said.append(text)

    def say(self, text: str) -> None:
        self.said.append(text)

    def warn(self, text: str) -> None:
        self.said.append(text)


class Person:
    """Somebody who is shown proposals, and says yes until told otherwise."""

    def __init__(self) -> None:
        self.shown: list[Proposal] = []
        self.agrees = True

    def require(self, proposal: Proposal) -> None:
        self.shown.append(proposal)
        if not self.agrees:
            raise Declined("You said no.")


@dataclass
class Bench:
    """All ports of a workflow under test; files and storage are real."""

    folder: Path
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    engine: FunctionEngine = field(default_factory=FunctionEngine)
    assets: ConfigAssets = field(default_factory=ConfigAssets)
    reporter: Listener = field(default_factory=Listener)
    consent: Person = field(default_factory=Person)
    runs: RunSettings = field(default_factory=RunSettings)
    files: LocalFiles = field(default_factory=LocalFiles)

    def __post_init__(self) -> None:
        self.workspace = LocalWorkspace(self.folder / "storage")

    def now(self) -> datetime:
        return NOW
