"""What a compatibility test runs on: a demo dataset, two folders, or a prepared dataset."""

from dataclasses import dataclass
from pathlib import Path

from medperf_client.errors import OutOfOrder, UsageFault
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.demo_dataset import fetch_demo_dataset
from medperf_client.workflows.records import PreparationStage, load_dataset, prepared_folders
from medperf_client.workflows.submit_dataset import data_digest


@dataclass(frozen=True, slots=True)
class DataChoice:
    """Where the data comes from, as the user said it: one of the three, or none."""

    dataset_id: int | None = None
    demo_url: str | None = None
    demo_hash: str | None = None
    data_path: Path | None = None
    labels_path: Path | None = None

    def require_one(self) -> None:
        """Refuse a choice that is none, or more than one. Raises: UsageFault."""
        if (self.data_path is None) != (self.labels_path is None):
            raise UsageFault("Data and labels belong together: give both paths, or neither.")
        if self.demo_hash and not self.demo_url:
            raise UsageFault("The hash of a demo dataset needs its URL.")
        if len(self.given) != 1:
            raise _not_one()

    @property
    def given(self) -> tuple[object, ...]:
        """What was given of the three."""
        every = (self.dataset_id, self.demo_url, self.data_path)
        return tuple(one for one in every if one is not None)


@dataclass(frozen=True, slots=True)
class DataUnderTest:
    """Data that is here."""

    words: str  # how a report names it
    data: Path
    labels: Path
    digest: str
    metadata: Path | None = None
    was_prepared_here: bool = False


def find_data_under_test(ports: Ports, choice: DataChoice) -> DataUnderTest:
    """Bring the chosen data here. Raises: BadData, HashDiffers, OutOfOrder, UsageFault, …."""
    choice.require_one()
    if choice.demo_url is not None:
        demo = fetch_demo_dataset(ports, choice.demo_url, choice.demo_hash)
        return DataUnderTest("demo dataset", demo.data, demo.labels, demo.sha256, demo.metadata)
    if choice.dataset_id is not None:
        return _prepared_dataset(ports, choice.dataset_id)
    if choice.data_path is None or choice.labels_path is None:
        raise _not_one()
    ports.files.require_data(choice.data_path, "The data path")
    ports.files.require_data(choice.labels_path, "The labels path")
    digest = data_digest(ports, choice.data_path, choice.labels_path, "raw")
    return DataUnderTest(str(choice.data_path), choice.data_path, choice.labels_path, digest)


def _not_one() -> UsageFault:
    return UsageFault(
        "Exactly one of these says what to test on: a benchmark's demo dataset, a demo dataset by "
        "URL, two paths, or a prepared dataset.",
        hint="Give --benchmark alone, or --demo_dataset_url, or --data_path and --labels_path, or "
        "--data_uid.",
    )


def _prepared_dataset(ports: Ports, dataset_id: int) -> DataUnderTest:
    record = load_dataset(ports, dataset_id)
    if record.stage is not PreparationStage.DONE:
        raise OutOfOrder(
            f"Dataset {dataset_id} is not prepared yet.",
            hint=f"Run `medperf dataset prepare --data_uid {dataset_id}` first.",
        )
    data, labels = prepared_folders(ports, record)
    for folder in (data, labels):
        ports.files.require_data(folder, f"The prepared data of dataset {dataset_id}")
    digest = data_digest(ports, data, labels, "prepared")
    return DataUnderTest(f"dataset {dataset_id}", data, labels, digest, was_prepared_here=True)
