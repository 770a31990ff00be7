"""What this machine remembers between commands, one small JSON document a thing."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from medperf_client.errors import Cause, OutOfOrder, UsageFault
from medperf_client.ports.bundle import Ports


class _Record(BaseModel):
    # A newer client may have written more than this one knows.
    model_config = ConfigDict(extra="allow", frozen=True)


class PreparationStage(StrEnum):
    """How far a dataset's preparation came; each stage begins where the one before ended."""

    RAW = "raw"
    PREPARED = "prepared"
    CHECKED = "checked"
    DONE = "done"


class LocalDataset(_Record):
    """Where a registered dataset's data lies here, and how far its preparation came."""

    dataset: int
    data_path: Path
    labels_path: Path
    metadata_path: Path | None = None
    as_prepared: bool = False
    stage: PreparationStage = PreparationStage.RAW
    statistics: dict[str, JsonValue] = Field(default_factory=dict)


class ExecutionState(StrEnum):
    """One model on one dataset, from plan to result."""

    PLANNED = "planned"
    FETCHING = "fetching"
    INFERRING = "inferring"
    INFERRED = "inferred"
    EVALUATING = "evaluating"
    DONE = "done"
    FAILED = "failed"


class Execution(_Record):
    """One model on one dataset for one benchmark, as it stands on this machine."""

    benchmark: int
    model: int
    dataset: int
    state: ExecutionState = ExecutionState.PLANNED
    inputs: str = ""  # digest of everything it depends on; another one makes it stale
    partial: bool = False
    cause: Cause | None = None
    error: str = ""
    updated_at: datetime | None = None
    results: JsonValue = None
    result: int | None = None  # the server's number, once submitted

    @property
    def name(self) -> str:
        """The local name, such as ``b1m4d1``."""
        return execution_name(self.benchmark, self.model, self.dataset)


def execution_name(benchmark_id: int, model_id: int, dataset_id: int) -> str:
    """The local name of an execution: ``b1m4d1``."""
    return f"b{benchmark_id}m{model_id}d{dataset_id}"


def load_dataset(ports: Ports, dataset_id: int) -> LocalDataset:
    """The local record of a registered dataset. Raises: OutOfOrder, where it is not here."""
    record = find_dataset(ports, dataset_id)
    if record is None:
        raise OutOfOrder(
            f"The data of dataset {dataset_id} is not known on this machine.",
            hint="Run this where it was submitted from, with the same storage and profile.",
        )
    return record


def find_dataset(ports: Ports, dataset_id: int) -> LocalDataset | None:
    """The local record of a registered dataset, if there is one."""
    return ports.workspace.read(_dataset_file(ports, dataset_id), LocalDataset)


def save_dataset(ports: Ports, record: LocalDataset) -> None:
    """Keep a dataset's record."""
    ports.workspace.folder("data", str(record.dataset))
    ports.workspace.write(_dataset_file(ports, record.dataset), record)


def prepared_folders(ports: Ports, record: LocalDataset) -> tuple[Path, Path]:
    """Where a dataset's prepared data and labels are, or will be."""
    if record.as_prepared:
        return record.data_path, record.labels_path
    home = ports.workspace.path("data", str(record.dataset), "prepared")
    return home / "data", home / "labels"


def find_execution(ports: Ports, name: str) -> Execution | None:
    """An execution by its local name, if there is one."""
    return ports.workspace.read(_execution_file(ports, name), Execution)


def load_execution(ports: Ports, name: str) -> Execution:
    """An execution by its local name. Raises: UsageFault, where there is none."""
    record = find_execution(ports, name)
    if record is None:
        raise UsageFault(
            f"There is no local result {name}.",
            hint="`medperf result ls --unregistered` lists those of this machine.",
        )
    return record


def save_execution(ports: Ports, record: Execution) -> Execution:
    """Keep an execution's record with the time of its change."""
    stamped = record.model_copy(update={"updated_at": ports.now()})
    ports.workspace.folder("results", record.name)
    ports.workspace.write(_execution_file(ports, record.name), stamped)
    return stamped


def local_executions(ports: Ports) -> list[Execution]:
    """All executions of this machine for this server, by name."""
    found = (find_execution(ports, name) for name in ports.workspace.children("results"))
    return [record for record in found if record is not None]


def _dataset_file(ports: Ports, dataset_id: int) -> Path:
    return ports.workspace.path("data", str(dataset_id), "dataset.json")


def _execution_file(ports: Ports, name: str) -> Path:
    return ports.workspace.path("results", name, "execution.json")
