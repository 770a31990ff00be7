"""Registering a dataset: its description goes to the server, the data stays where it is."""

from dataclasses import dataclass
from pathlib import Path

from medperf_api.contract.datasets import DatasetCreate, DatasetRead
from medperf_api.contract.digests import combined_digest
from medperf_client.errors import UsageFault
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Proposal
from medperf_client.workflows.records import LocalDataset, find_dataset, save_dataset


@dataclass(frozen=True, slots=True)
class DatasetSubmission:
    """What a data owner says about a dataset. The paths never leave this machine."""

    name: str
    data_path: Path
    labels_path: Path
    description: str = ""
    location: str = ""
    metadata_path: Path | None = None
    benchmark_id: int | None = None
    preparation_id: int | None = None
    as_prepared: bool = False


def submit_dataset(ports: Ports, request: DatasetSubmission) -> DatasetRead:
    """Hash the data, show what would be sent, ask, register, and remember where the data is.

    Raises: BadData, UsageFault, Declined, Refused, ServerUnreachable, NotLoggedIn.
    """
    _require_folders(ports, request)
    preparation_id = _preparation_cube(ports, request)
    body = _body(ports, request, preparation_id)
    known = _registered_before(ports, body)
    if known is None:
        ports.consent.require(
            Proposal(
                title="Registration of a dataset",
                question="Send this to the server?",
                body=body.model_dump(mode="json"),
                notes=("The data itself, its paths and its file names stay here.",),
            )
        )
        known = ports.registry.create_dataset(body)
    save_dataset(
        ports,
        LocalDataset(
            dataset=known.id,
            data_path=request.data_path.absolute(),
            labels_path=request.labels_path.absolute(),
            metadata_path=request.metadata_path and request.metadata_path.absolute(),
            as_prepared=request.as_prepared,
        ),
    )
    return known


def _require_folders(ports: Ports, request: DatasetSubmission) -> None:
    ports.files.require_data(request.data_path, "The data path")
    ports.files.require_data(request.labels_path, "The labels path")
    if request.metadata_path is not None:
        ports.files.require_data(request.metadata_path, "The metadata path")


def _preparation_cube(ports: Ports, request: DatasetSubmission) -> int:
    if (request.benchmark_id is None) == (request.preparation_id is None):
        raise UsageFault(
            "Exactly one of a benchmark and a preparation container is needed.",
            hint="Give --benchmark or --data_prep.",
        )
    if request.benchmark_id is not None:
        return ports.registry.benchmark(request.benchmark_id).data_preparation_mlcube
    return ports.registry.cube(request.preparation_id or 0).id


def _body(ports: Ports, request: DatasetSubmission, preparation_id: int) -> DatasetCreate:
    digest = data_digest(ports, request.data_path, request.labels_path, "raw")
    return DatasetCreate(
        name=request.name,
        description=request.description,
        location=request.location,
        input_data_hash=digest,
        generated_uid=digest,
        split_seed=0,
        data_preparation_mlcube=preparation_id,
        submitted_as_prepared=request.as_prepared,
    )


def data_digest(ports: Ports, data: Path, labels: Path, which: str) -> str:
    """The digest of a data folder and a labels folder together, 64 digits.

    ``which`` is a word for the user: raw or prepared.
    """
    with ports.reporter.step(f"Hash the {which} data and labels") as step:
        seen = 0

        def on_bytes(more: int) -> None:
            nonlocal seen
            seen += more
            step.progress(seen, None)

        return combined_digest(ports.files.digest(folder, on_bytes) for folder in (data, labels))


def _registered_before(ports: Ports, body: DatasetCreate) -> DatasetRead | None:
    """A registration of the very same dataset whose answer this machine never saw."""
    same = (
        dataset
        for dataset in ports.registry.my_datasets()
        if dataset.input_data_hash == body.input_data_hash
        and dataset.name == body.name
        and dataset.data_preparation_mlcube == body.data_preparation_mlcube
        and find_dataset(ports, dataset.id) is None
    )
    known = next(same, None)
    if known is not None:
        ports.reporter.warn(
            f"The server has this dataset already, as {known.id}, and this machine had lost track "
            "of it. Nothing was sent; it is known here again."
        )
    return known
