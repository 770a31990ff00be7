"""Fixing a prepared dataset: its digests and statistics go to the server. One way."""

from medperf_api.contract.datasets import DatasetRead, DatasetUpdate
from medperf_api.contract.states import State
from medperf_client.errors import HashDiffers, OutOfOrder
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Proposal
from medperf_client.workflows.prepare_dataset import my_dataset
from medperf_client.workflows.records import (
    LocalDataset,
    PreparationStage,
    load_dataset,
    prepared_folders,
)
from medperf_client.workflows.submit_dataset import data_digest


def set_operational(ports: Ports, dataset_id: int) -> DatasetRead:
    """Hash input and output, show digests and statistics, ask, and send them.

    Raises: OutOfOrder (not prepared, or operational already), Declined, Refused, BadData.
    """
    registered = my_dataset(ports, dataset_id)
    record = load_dataset(ports, dataset_id)
    _require_prepared(registered, record)
    body = DatasetUpdate(
        input_data_hash=_input_digest(ports, registered, record),
        generated_uid=_prepared_digest(ports, record),
        generated_metadata=record.statistics,
        state=State.OPERATION,
    )
    ports.consent.require(
        Proposal(
            title=f"Dataset {dataset_id} becomes operational",
            question="Send this to the server? It cannot be undone.",
            body=body.model_dump(mode="json", exclude_unset=True),
            notes=("generated_metadata holds the statistics, as everyone will see them.",),
        )
    )
    return ports.registry.update_dataset(dataset_id, body)


def check_dataset(ports: Ports, dataset_id: int) -> str:
    """The digest of the prepared data, once it was found equal to the registered one.

    Raises: HashDiffers; OutOfOrder, where the dataset is not operational.
    """
    registered = my_dataset(ports, dataset_id)
    record = load_dataset(ports, dataset_id)
    if registered.state is not State.OPERATION:
        raise OutOfOrder(
            f"Dataset {dataset_id} is not operational: no digest of its prepared data is "
            "registered.",
            hint=f"Run `medperf dataset set_operational --data_uid {dataset_id}` first.",
        )
    found = _prepared_digest(ports, record)
    if found != registered.generated_uid:
        raise HashDiffers(
            f"The prepared data of dataset {dataset_id} is not what was registered: its digest is "
            f"{found}, registered is {registered.generated_uid}.",
            hint="Results on it would not be of the registered dataset. Restore it from a backup, "
            "or submit the data as a new dataset.",
        )
    return found


def _require_prepared(registered: DatasetRead, record: LocalDataset) -> None:
    if registered.state is State.OPERATION:
        raise OutOfOrder(
            f"Dataset {registered.id} is operational already.",
            hint=f"Go on with `medperf dataset associate --data_uid {registered.id}`.",
        )
    if record.stage is not PreparationStage.DONE:
        raise OutOfOrder(
            f"Dataset {registered.id} is not prepared yet.",
            hint=f"Run `medperf dataset prepare --data_uid {registered.id}` first.",
        )


def _input_digest(ports: Ports, registered: DatasetRead, record: LocalDataset) -> str:
    """The raw data's digest as it is now; the registered one where the raw data has gone."""
    if not (record.data_path.is_dir() and record.labels_path.is_dir()):
        ports.reporter.warn("The raw data is no longer in its place; its registered hash stays.")
        return registered.input_data_hash
    return data_digest(ports, record.data_path, record.labels_path, "raw")


def _prepared_digest(ports: Ports, record: LocalDataset) -> str:
    return data_digest(ports, *prepared_folders(ports, record), "prepared")
