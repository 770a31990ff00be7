"""Rows go to the wire unvalidated, so here real bodies are held against the documented models."""

from typing import Any

import pytest

from medperf_api.contract.associations import (
    DatasetAssociationEntry,
    DatasetAssociationRead,
    ModelAssociationEntry,
    ModelAssociationRead,
)
from medperf_api.contract.base import Wire
from medperf_api.contract.benchmarks import BenchmarkDataset, BenchmarkModel, BenchmarkRead
from medperf_api.contract.cubes import CubeRead
from medperf_api.contract.datasets import DatasetPublic, DatasetRead
from medperf_api.contract.results import ResultRead
from medperf_api.contract.users import UserRead
from tests.registry.world import Person, World


def check(model: type[Wire], body: Any) -> None:
    """Exactly the documented fields, each as the model itself would write it."""
    assert model.model_validate(body).model_dump(mode="json") == body


@pytest.mark.parametrize("approved", [True, False])
def test_every_body_is_the_documented_one(
    world: World,
    data_owner: Person,
    model_owner: Person,
    benchmark_owner: Person,
    admin: Person,
    approved: bool,
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    model = world.joined_model(model_owner, benchmark, benchmark_owner)
    sent = {"benchmark": benchmark["id"], "model": model, "dataset": dataset, "results": {"a": 1}}
    result = data_owner.make("results/", sent)
    if approved:
        result = admin.change(f"results/{result['id']}/", approval_status="APPROVED")

    check(ResultRead, result)
    check(UserRead, data_owner.read("me/"))
    check(BenchmarkRead, data_owner.read(f"benchmarks/{benchmark['id']}/"))
    check(CubeRead, data_owner.read(f"mlcubes/{model}/"))
    check(DatasetPublic, data_owner.read(f"datasets/{dataset}/"))
    for path, kind in (
        ("users/", UserRead),
        ("mlcubes/", CubeRead),
        ("datasets/", DatasetPublic),
        ("benchmarks/", BenchmarkRead),
        ("results/", ResultRead),
        (f"benchmarks/{benchmark['id']}/models/", BenchmarkModel),
        (f"benchmarks/{benchmark['id']}/datasets/", BenchmarkDataset),
        (f"benchmarks/{benchmark['id']}/results/", ResultRead),
    ):
        rows = admin.read(path)["results"]
        assert rows, path
        for row in rows:
            check(kind, row)
    check(DatasetRead, data_owner.read("me/datasets/")["results"][0])
    check(DatasetAssociationRead, data_owner.read("me/datasets/associations/")["results"][0])
    check(ModelAssociationRead, model_owner.read("me/mlcubes/associations/")["results"][0])
    pair = f"benchmarks/{benchmark['id']}/"
    check(DatasetAssociationEntry, data_owner.read(f"datasets/{dataset}/{pair}")[0])
    check(ModelAssociationEntry, model_owner.read(f"mlcubes/{model}/{pair}")[0])
