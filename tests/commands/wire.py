"""Bodies as a server sends them, built from the contract so that they cannot drift."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from medperf_api.contract.associations import DatasetAssociationRead, ModelAssociationRead
from medperf_api.contract.benchmarks import BenchmarkRead
from medperf_api.contract.cubes import CubeRead
from medperf_api.contract.datasets import DatasetRead
from medperf_api.contract.errors import ErrorCode, Problem
from medperf_api.contract.results import ResultRead
from medperf_api.contract.states import Approval, State

MOMENT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
STAMPS: dict[str, Any] = {"created_at": MOMENT, "modified_at": MOMENT}


def benchmark(uid: int = 1, name: str = "chestxray", **changes: Any) -> BenchmarkRead:
    values = {
        "id": uid, "owner": 2, "name": name, "description": "Pneumonia on chest X-rays",
        "demo_dataset_tarball_url": "https://example.org/demo", "demo_dataset_tarball_hash": "d",
        "demo_dataset_generated_uid": "g", "data_preparation_mlcube": 1,
        "reference_model_mlcube": 2, "data_evaluator_mlcube": 3,
        "state": State.OPERATION, "approval_status": Approval.APPROVED,
    }  # fmt: skip
    return BenchmarkRead(**{**STAMPS, **values, **changes})


def cube(uid: int = 1, name: str = "chestxray-prep", **changes: Any) -> CubeRead:
    values = {
        "id": uid, "owner": 2, "name": name, "state": State.OPERATION,
        "git_mlcube_url": "https://example.org/config", "mlcube_hash": "c", "image_hash": "i",
    }  # fmt: skip
    return CubeRead(**{**STAMPS, **values, **changes})


def dataset(uid: int = 1, name: str = "mytestdata", **changes: Any) -> DatasetRead:
    values = {
        "id": uid, "owner": 4, "name": name, "input_data_hash": "h", "generated_uid": "h",
        "split_seed": 0, "data_preparation_mlcube": 1, "state": State.DEVELOPMENT,
    }  # fmt: skip
    return DatasetRead(**{**STAMPS, **values, **changes})


def dataset_association(uid: int = 1, **changes: Any) -> DatasetAssociationRead:
    values = {
        "id": uid, "dataset": 1, "benchmark": 1, "initiated_by": 4,
        "approval_status": Approval.PENDING,
    }  # fmt: skip
    return DatasetAssociationRead(**{**STAMPS, **values, **changes})


def model_association(uid: int = 1, **changes: Any) -> ModelAssociationRead:
    values = {
        "id": uid, "model_mlcube": 4, "benchmark": 1, "initiated_by": 3,
        "approval_status": Approval.APPROVED, "approved_at": MOMENT,
    }  # fmt: skip
    return ModelAssociationRead(**{**STAMPS, **values, **changes})


def result(uid: int = 1, **changes: Any) -> ResultRead:
    values = {
        "id": uid, "owner": 4, "name": "b1m4d1", "benchmark": 1, "model": 4, "dataset": 1,
        "results": {"auc": 0.9}, "approval_status": Approval.PENDING,
    }  # fmt: skip
    return ResultRead(**{**STAMPS, **values, **changes})


def wire(model: BaseModel) -> Any:
    """A model as JSON."""
    return model.model_dump(mode="json")


def page(*models: BaseModel, count: int | None = None) -> dict[str, Any]:
    """A page of a list that ends with it, or of ``count`` in all."""
    return {
        "count": len(models) if count is None else count,
        "next": None,
        "previous": None,
        "results": [wire(model) for model in models],
    }


def problem(code: ErrorCode, detail: str | None = None, **fields: list[str]) -> Any:
    """A refusal as this server words one."""
    return Problem(code=code, detail=detail, **fields).model_dump(mode="json", exclude_none=True)
