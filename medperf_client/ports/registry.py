"""The registry server, as the workflows see it."""

from typing import Protocol

from medperf_api.contract.associations import (
    DatasetAssociationCreate,
    DatasetAssociationRead,
    DatasetAssociationUpdate,
    ModelAssociationCreate,
    ModelAssociationRead,
    ModelAssociationUpdate,
)
from medperf_api.contract.benchmarks import (
    BenchmarkCreate,
    BenchmarkModel,
    BenchmarkRead,
    BenchmarkUpdate,
)
from medperf_api.contract.cubes import CubeCreate, CubeRead
from medperf_api.contract.datasets import DatasetCreate, DatasetPublic, DatasetRead, DatasetUpdate
from medperf_api.contract.results import ResultCreate, ResultRead
from medperf_api.contract.users import UserRead


class Registry(Protocol):
    """Every call raises Refused, ServerUnreachable or NotLoggedIn, and nothing else of its own.

    Lists are complete: paging is the adapter's business.
    """

    def me(self) -> UserRead:
        """The caller."""

    def benchmarks(self, *, mine: bool = False) -> list[BenchmarkRead]:
        """All benchmarks, or the caller's."""

    def benchmark(self, benchmark_id: int) -> BenchmarkRead:
        """One benchmark."""

    def benchmark_models(self, benchmark_id: int) -> list[BenchmarkModel]:
        """Models with their newest association, highest priority first.

        Refused (403) until the caller has a dataset that the benchmark accepted.
        """

    def create_benchmark(self, body: BenchmarkCreate) -> BenchmarkRead:
        """Register a benchmark."""

    def update_benchmark(self, benchmark_id: int, body: BenchmarkUpdate) -> BenchmarkRead:
        """Change a benchmark, or decide about it as an admin."""

    def cubes(self, *, mine: bool = False) -> list[CubeRead]:
        """All cubes, or the caller's."""

    def cube(self, cube_id: int) -> CubeRead:
        """One cube."""

    def create_cube(self, body: CubeCreate) -> CubeRead:
        """Register a cube."""

    def datasets(self) -> list[DatasetPublic]:
        """All datasets, as everyone sees them."""

    def my_datasets(self) -> list[DatasetRead]:
        """The caller's datasets, in full."""

    def dataset(self, dataset_id: int) -> DatasetPublic:
        """One dataset, as everyone sees it."""

    def create_dataset(self, body: DatasetCreate) -> DatasetRead:
        """Register a dataset."""

    def update_dataset(self, dataset_id: int, body: DatasetUpdate) -> DatasetRead:
        """Change a dataset."""

    def dataset_associations(self) -> list[DatasetAssociationRead]:
        """Associations whose dataset or benchmark is the caller's."""

    def model_associations(self) -> list[ModelAssociationRead]:
        """Associations whose model or benchmark is the caller's."""

    def request_dataset_association(self, body: DatasetAssociationCreate) -> DatasetAssociationRead:
        """Ask that a dataset joins a benchmark."""

    def request_model_association(self, body: ModelAssociationCreate) -> ModelAssociationRead:
        """Ask that a model joins a benchmark."""

    def decide_dataset_association(
        self, dataset_id: int, benchmark_id: int, body: DatasetAssociationUpdate
    ) -> None:
        """Decide about the newest association of the pair."""

    def decide_model_association(
        self, model_id: int, benchmark_id: int, body: ModelAssociationUpdate
    ) -> None:
        """Decide about the newest association of the pair, or set its priority."""

    def my_results(self) -> list[ResultRead]:
        """The caller's results."""

    def benchmark_results(self, benchmark_id: int) -> list[ResultRead]:
        """A benchmark's results; for its owner."""

    def result(self, result_id: int) -> ResultRead:
        """One result."""

    def create_result(self, body: ResultCreate) -> ResultRead:
        """Register a result."""
