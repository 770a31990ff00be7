"""The OpenAPI document, fit for generators, and the routes that serve it."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from medperf_api.contract.associations import (
    DatasetAssociationCreate,
    DatasetAssociationUpdate,
    ModelAssociationCreate,
    ModelAssociationUpdate,
)
from medperf_api.contract.benchmarks import BenchmarkCreate, BenchmarkUpdate
from medperf_api.contract.cubes import CubeCreate, CubeUpdate
from medperf_api.contract.datasets import DatasetCreate, DatasetUpdate
from medperf_api.contract.results import ResultCreate, ResultUpdate
from medperf_api.contract.users import UserUpdate
from medperf_api.routers.paths import API
from medperf_api.routers.replies import Reply

BODIES: tuple[type[BaseModel], ...] = (
    BenchmarkCreate,
    BenchmarkUpdate,
    CubeCreate,
    CubeUpdate,
    DatasetAssociationCreate,
    DatasetAssociationUpdate,
    DatasetCreate,
    DatasetUpdate,
    ModelAssociationCreate,
    ModelAssociationUpdate,
    ResultCreate,
    ResultUpdate,
    UserUpdate,
)

_SCHEME = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

router = APIRouter(include_in_schema=False)


@router.get("/schema")
@router.get("/schema/")
async def schema(request: Request) -> Reply:
    """The document, under the name old clients know."""
    return Reply(request.app.openapi())


def document_of(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Builds the document once."""
    built: dict[str, Any] = {}

    def document() -> dict[str, Any]:
        if not built:
            built.update(_document(app))
        return built

    return document


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    _, bodies = models_json_schema(
        [(model, "validation") for model in BODIES], ref_template="#/components/schemas/{model}"
    )
    components = document["components"]
    components["schemas"] = dict(sorted({**components["schemas"], **bodies["$defs"]}.items()))
    components["securitySchemes"] = {"bearer": _SCHEME}
    for body in BODIES:
        _drop_null_defaults(components["schemas"][body.__name__])
    for path, operation in _operations(document):
        # Numbers in paths are never malformed: what is no number has no route.
        operation["responses"].pop("422", None)
        if path.startswith(API):
            operation["security"] = [{"bearer": []}]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            yield path, operation


def _drop_null_defaults(schema: dict[str, Any]) -> None:
    """In a partial update what is left out stays as it is; it does not become null."""
    for field in schema["properties"].values():
        if "default" in field and field["default"] is None:
            del field["default"]
