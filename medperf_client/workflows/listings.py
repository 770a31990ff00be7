"""Lists and single records, as commands show them: asks and sorts, decides nothing."""

from collections.abc import Sequence

from medperf_api.contract.associations import DatasetAssociationRead, ModelAssociationRead
from medperf_api.contract.benchmarks import BenchmarkRead
from medperf_api.contract.cubes import CubeRead
from medperf_api.contract.datasets import DatasetPublic
from medperf_api.contract.states import Approval
from medperf_client.ports.bundle import Ports


def list_benchmarks(ports: Ports, *, mine: bool = False) -> list[BenchmarkRead]:
    """Benchmarks by id."""
    return sorted(ports.registry.benchmarks(mine=mine), key=lambda benchmark: benchmark.id)


def list_cubes(ports: Ports, *, mine: bool = False) -> list[CubeRead]:
    """Containers by id."""
    return sorted(ports.registry.cubes(mine=mine), key=lambda cube: cube.id)


def list_datasets(
    ports: Ports, *, mine: bool = False, preparation_id: int | None = None
) -> list[DatasetPublic]:
    """Datasets by id, perhaps only those prepared by one container."""
    found: Sequence[DatasetPublic] = (
        ports.registry.my_datasets() if mine else ports.registry.datasets()
    )
    wanted = (
        dataset for dataset in found if preparation_id in {None, dataset.data_preparation_mlcube}
    )
    return sorted(wanted, key=lambda dataset: dataset.id)


def list_dataset_associations(
    ports: Ports,
    *,
    benchmark_id: int | None = None,
    dataset_id: int | None = None,
    status: Approval | None = None,
) -> list[DatasetAssociationRead]:
    """The association that counts of each dataset and benchmark."""
    newest: dict[tuple[int, int], DatasetAssociationRead] = {}
    for entry in sorted(
        ports.registry.dataset_associations(), key=lambda entry: (entry.created_at, entry.id)
    ):
        newest[entry.dataset, entry.benchmark] = entry
    return [
        entry
        for (dataset, benchmark), entry in sorted(newest.items())
        if benchmark_id in {None, benchmark}
        and dataset_id in {None, dataset}
        and status in {None, entry.approval_status}
    ]


def list_model_associations(
    ports: Ports,
    *,
    benchmark_id: int | None = None,
    model_id: int | None = None,
    status: Approval | None = None,
) -> list[ModelAssociationRead]:
    """The association that counts of each model and benchmark."""
    newest: dict[tuple[int, int], ModelAssociationRead] = {}
    for entry in sorted(
        ports.registry.model_associations(), key=lambda entry: (entry.created_at, entry.id)
    ):
        newest[entry.model_mlcube, entry.benchmark] = entry
    return [
        entry
        for (model, benchmark), entry in sorted(newest.items())
        if benchmark_id in {None, benchmark}
        and model_id in {None, model}
        and status in {None, entry.approval_status}
    ]
