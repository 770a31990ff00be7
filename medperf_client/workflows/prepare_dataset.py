"""Preparing a dataset: prepare, sanity check, statistics, each resumed where the last one ended."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from medperf_api.contract.container_config import METADATA_LABEL, REPORT_LABEL, TaskName
from medperf_api.contract.datasets import DatasetRead
from medperf_api.contract.states import State
from medperf_client.errors import BadData, Cause, ContainerFailed, OutOfOrder, Refused
from medperf_client.policy.disclosure import require_mapping
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.cubes import Cube, fetch_cube
from medperf_client.workflows.outputs import require_prepared
from medperf_client.workflows.records import (
    LocalDataset,
    PreparationStage,
    load_dataset,
    prepared_folders,
    save_dataset,
)
from medperf_client.workflows.tasks import run_task

STATISTICS = "statistics.yaml"


@dataclass(frozen=True, slots=True)
class PreparedDataset:
    """A dataset whose preparation ended well."""

    dataset_id: int
    statistics: dict[str, JsonValue]
    data: Path
    labels: Path


def prepare_dataset(ports: Ports, dataset_id: int) -> PreparedDataset:
    """Prepare a registered dataset with its preparation cube. Sends nothing.

    Raises: OutOfOrder (prepared or operational already), ContainerFailed, BadData.
    """
    registered = my_dataset(ports, dataset_id)
    record = load_dataset(ports, dataset_id)
    _require_unprepared(registered, record)
    with ports.workspace.lock("data", str(dataset_id)):
        cube = fetch_cube(ports, ports.registry.cube(registered.data_preparation_mlcube))
        return _Preparation(ports, cube, record).finish()


def my_dataset(ports: Ports, dataset_id: int) -> DatasetRead:
    """The caller's own dataset, in full. Raises: Refused, where it is missing or another's."""
    for dataset in ports.registry.my_datasets():
        if dataset.id == dataset_id:
            return dataset
    ports.registry.dataset(dataset_id)
    raise Refused(
        f"Dataset {dataset_id} is not yours.",
        hint="`medperf dataset ls --mine` lists yours; `medperf auth status` says who you are.",
    )


def _require_unprepared(registered: DatasetRead, record: LocalDataset) -> None:
    if registered.state is State.OPERATION:
        raise OutOfOrder(
            f"Dataset {registered.id} is operational; what it was prepared to is fixed.",
            hint="Submit the data as a new dataset to prepare it anew.",
        )
    if record.stage is PreparationStage.DONE:
        raise OutOfOrder(
            f"Dataset {registered.id} is prepared already.",
            hint=f"Go on with `medperf dataset set_operational --data_uid {registered.id}`.",
        )


class _Preparation:
    """One dataset on its way; every finished stage is on disk before the next begins."""

    def __init__(self, ports: Ports, cube: Cube, record: LocalDataset) -> None:
        self.ports = ports
        self.cube = cube
        self.record = record
        self.home = ports.workspace.path("data", str(record.dataset))
        self.run = f"d{record.dataset}"

    def finish(self) -> PreparedDataset:
        if self.record.stage is PreparationStage.RAW:
            self._prepare()
        if self.record.stage is PreparationStage.PREPARED:
            self._check()
        statistics = self._statistics()
        self._reach(PreparationStage.DONE, statistics=statistics)
        data, labels = prepared_folders(self.ports, self.record)
        return PreparedDataset(self.record.dataset, statistics, data, labels)

    def _prepare(self) -> None:
        if self.record.as_prepared:
            return self._reach(PreparationStage.PREPARED)
        self.ports.files.require_data(self.record.data_path, "The data path")
        self.ports.files.require_data(self.record.labels_path, "The labels path")
        with (
            self.ports.workspace.scratch() as scratch,
            self.ports.reporter.step("Prepare the data") as step,
        ):
            made = scratch / "prepared"
            made.mkdir(mode=0o700)
            run_task(
                self.ports,
                self.cube,
                TaskName.PREPARE,
                {
                    "data_path": self.record.data_path,
                    "labels_path": self.record.labels_path,
                    "output_path": made / "data",
                    "output_labels_path": made / "labels",
                    REPORT_LABEL: made / "report.yaml",
                    METADATA_LABEL: made / "metadata",
                },
                self.run,
                step,
            )
            require_prepared(self.ports, made)
            self.ports.workspace.adopt(made, self.home / "prepared")
        self._reach(PreparationStage.PREPARED)

    def _check(self) -> None:
        try:
            with self.ports.reporter.step("Check the prepared data") as step:
                run_task(
                    self.ports, self.cube, TaskName.SANITY_CHECK, self._inputs(), self.run, step
                )
        except ContainerFailed as failure:
            if failure.cause is Cause.EXIT_CODE:
                # The check itself spoke: what it saw is not fit, so the next run starts from raw.
                self._reach(PreparationStage.RAW)
            raise
        self._reach(PreparationStage.CHECKED)

    def _statistics(self) -> dict[str, JsonValue]:
        with (
            self.ports.workspace.scratch() as scratch,
            self.ports.reporter.step("Compute statistics") as step,
        ):
            mounts = {**self._inputs(), "output_path": scratch / STATISTICS}
            run_task(self.ports, self.cube, TaskName.STATISTICS, mounts, self.run, step)
            document = self.ports.files.read_yaml(scratch / STATISTICS)
        return require_mapping(document, "The statistics")

    def _inputs(self) -> dict[str, Path]:
        data, labels = prepared_folders(self.ports, self.record)
        if not (data.is_dir() and labels.is_dir()):
            raise BadData(
                f"The prepared data of dataset {self.record.dataset} is gone.",
                hint="Submit the dataset again.",
            )
        metadata = self.record.metadata_path or self.home / "prepared" / "metadata"
        own = {METADATA_LABEL: metadata} if metadata.is_dir() else {}
        return {"data_path": data, "labels_path": labels, **own}

    def _reach(
        self, stage: PreparationStage, statistics: dict[str, JsonValue] | None = None
    ) -> None:
        update = {"stage": stage, "statistics": statistics or {}}
        self.record = self.record.model_copy(update=update)
        save_dataset(self.ports, self.record)
