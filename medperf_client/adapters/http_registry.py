"""The registry over HTTP: which path each call means, paging, and answers read into models."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from medperf_api.contract.associations import (
    DatasetAssociationCreate,
    DatasetAssociationRead,
    DatasetAssociationUpdate,
    ModelAssociationCreate,
    ModelAssociationRead,
    ModelAssociationUpdate,
)
from medperf_api.contract.base import Partial, Wire
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
from medperf_client.adapters.http_exchange import Exchange
from medperf_client.errors import ServerUnreachable

Shape = TypeVar("Shape", bound=BaseModel)

_PAGE = 1000
# Objects made while pages are read come at the end, so that none is skipped.
_STABLE = {"ordering": "created_at"}


class HttpRegistry:
    """A ``Registry`` behind one ``Exchange``."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def me(self) -> UserRead:
        """The caller."""
        return self._one("/me/", "say who you are", UserRead)

    def benchmarks(self, *, mine: bool = False) -> list[BenchmarkRead]:
        """All benchmarks, or the caller's."""
        return self._list(_mine("benchmarks", mine), "list benchmarks", BenchmarkRead)

    def benchmark(self, benchmark_id: int) -> BenchmarkRead:
        """One benchmark."""
        return self._one(
            f"/benchmarks/{benchmark_id}/", f"show benchmark {benchmark_id}", BenchmarkRead
        )

    def benchmark_models(self, benchmark_id: int) -> list[BenchmarkModel]:
        """Models with their newest association, in the server's order."""
        path = f"/benchmarks/{benchmark_id}/models/"
        return self._list(path, f"list the models of benchmark {benchmark_id}", BenchmarkModel, {})

    def create_benchmark(self, body: BenchmarkCreate) -> BenchmarkRead:
        """Register a benchmark."""
        return self._post("/benchmarks/", "register the benchmark", body, BenchmarkRead)

    def update_benchmark(self, benchmark_id: int, body: BenchmarkUpdate) -> BenchmarkRead:
        """Change a benchmark, or decide about it as an admin."""
        path, doing = f"/benchmarks/{benchmark_id}/", f"change benchmark {benchmark_id}"
        return self._read_as(BenchmarkRead, self._put(path, doing, body), doing)

    def cubes(self, *, mine: bool = False) -> list[CubeRead]:
        """All cubes, or the caller's."""
        return self._list(_mine("mlcubes", mine), "list containers", CubeRead)

    def cube(self, cube_id: int) -> CubeRead:
        """One cube."""
        return self._one(f"/mlcubes/{cube_id}/", f"show container {cube_id}", CubeRead)

    def create_cube(self, body: CubeCreate) -> CubeRead:
        """Register a cube."""
        return self._post("/mlcubes/", "register the container", body, CubeRead)

    def datasets(self) -> list[DatasetPublic]:
        """All datasets, as everyone sees them."""
        return self._list("/datasets/", "list datasets", DatasetPublic)

    def my_datasets(self) -> list[DatasetRead]:
        """The caller's datasets, in full."""
        return self._list("/me/datasets/", "list your datasets", DatasetRead)

    def dataset(self, dataset_id: int) -> DatasetPublic:
        """One dataset, as everyone sees it."""
        return self._one(f"/datasets/{dataset_id}/", f"show dataset {dataset_id}", DatasetPublic)

    def create_dataset(self, body: DatasetCreate) -> DatasetRead:
        """Register a dataset."""
        return self._post("/datasets/", "register the dataset", body, DatasetRead)

    def update_dataset(self, dataset_id: int, body: DatasetUpdate) -> DatasetRead:
        """Change a dataset."""
        path, doing = f"/datasets/{dataset_id}/", f"change dataset {dataset_id}"
        return self._read_as(DatasetRead, self._put(path, doing, body), doing)

    def dataset_associations(self) -> list[DatasetAssociationRead]:
        """Associations whose dataset or benchmark is the caller's."""
        path = "/me/datasets/associations/"
        return self._list(path, "list your datasets' associations", DatasetAssociationRead)

    def model_associations(self) -> list[ModelAssociationRead]:
        """Associations whose model or benchmark is the caller's."""
        path = "/me/mlcubes/associations/"
        return self._list(path, "list your models' associations", ModelAssociationRead)

    def request_dataset_association(self, body: DatasetAssociationCreate) -> DatasetAssociationRead:
        """Ask that a dataset joins a benchmark."""
        doing = f"associate dataset {body.dataset} with benchmark {body.benchmark}"
        return self._post("/datasets/benchmarks/", doing, body, DatasetAssociationRead)

    def request_model_association(self, body: ModelAssociationCreate) -> ModelAssociationRead:
        """Ask that a model joins a benchmark."""
        doing = f"associate model {body.model_mlcube} with benchmark {body.benchmark}"
        return self._post("/mlcubes/benchmarks/", doing, body, ModelAssociationRead)

    def decide_dataset_association(
        self, dataset_id: int, benchmark_id: int, body: DatasetAssociationUpdate
    ) -> None:
        """Decide about the newest association of the pair."""
        doing = f"decide about dataset {dataset_id} in benchmark {benchmark_id}"
        self._put(f"/datasets/{dataset_id}/benchmarks/{benchmark_id}/", doing, body)

    def decide_model_association(
        self, model_id: int, benchmark_id: int, body: ModelAssociationUpdate
    ) -> None:
        """Decide about the newest association of the pair, or set its priority."""
        doing = f"decide about model {model_id} in benchmark {benchmark_id}"
        self._put(f"/mlcubes/{model_id}/benchmarks/{benchmark_id}/", doing, body)

    def my_results(self) -> list[ResultRead]:
        """The caller's results."""
        return self._list("/me/results/", "list your results", ResultRead)

    def benchmark_results(self, benchmark_id: int) -> list[ResultRead]:
        """A benchmark's results; for its owner."""
        path = f"/benchmarks/{benchmark_id}/results/"
        return self._list(path, f"list the results of benchmark {benchmark_id}", ResultRead)

    def result(self, result_id: int) -> ResultRead:
        """One result."""
        return self._one(f"/results/{result_id}/", f"show result {result_id}", ResultRead)

    def create_result(self, body: ResultCreate) -> ResultRead:
        """Register a result."""
        return self._post("/results/", "register the result", body, ResultRead)

    def _one(self, path: str, doing: str, shape: type[Shape]) -> Shape:
        return self._read_as(shape, self._exchange.read(path, doing), doing)

    def _post(self, path: str, doing: str, body: Wire, shape: type[Shape]) -> Shape:
        document = self._exchange.write("POST", path, doing, body.model_dump(mode="json"))
        return self._read_as(shape, document, doing)

    def _put(self, path: str, doing: str, body: Partial) -> Any:
        changes = body.model_dump(mode="json", exclude_unset=True)
        return self._exchange.write("PUT", path, doing, changes)

    def _list(
        self,
        path: str,
        doing: str,
        shape: type[Shape],
        query: Mapping[str, str | int] = _STABLE,
    ) -> list[Shape]:
        """Every page, whatever a page's size on the server; an object seen twice counts once."""
        documents: dict[object, Any] = {}
        offset, total = 0, 1
        while offset < total:
            asked = {"limit": _PAGE, "offset": offset, **query}
            page = self._exchange.read(path, doing, asked)
            results, total = self._page(page, doing)
            known = len(documents)
            for position, document in enumerate(results, offset):
                documents[_identity(document, position)] = document
            if len(documents) == known:
                break
            offset += len(results)
        return [self._read_as(shape, document, doing) for document in documents.values()]

    def _page(self, page: object, doing: str) -> tuple[list[Any], int]:
        """One page's objects and how many there are in all; a plain list is all of them."""
        if isinstance(page, list):
            return page, len(page)
        if isinstance(page, dict):
            results, count = page.get("results"), page.get("count")
            if isinstance(results, list) and isinstance(count, int):
                return results, count
        raise self._unreadable(doing, "a list was expected")

    def _read_as(self, shape: type[Shape], document: object, doing: str) -> Shape:
        try:
            return shape.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or shape.__name__
            raise self._unreadable(doing, f"{place}: {first['msg']}") from error

    def _unreadable(self, doing: str, why: str) -> ServerUnreachable:
        return ServerUnreachable(
            f"{self._exchange.server} gave an answer this client cannot read when asked to "
            f"{doing} ({why}).",
            hint="Is this the address of a registry? `medperf profile view` shows it.",
        )


def _mine(noun: str, mine: bool) -> str:
    return f"/me/{noun}/" if mine else f"/{noun}/"


def _identity(document: object, position: int) -> object:
    return document["id"] if isinstance(document, dict) and "id" in document else -1 - position
