"""The document that others generate clients from."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

SNAPSHOT = Path(__file__).with_name("openapi.json")
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
BODIES = ("Create", "Update")


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def sent(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects that the server answers with, refusals apart."""
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema and name != "Problem" and not name.endswith(BODIES):
            yield name, schema


def test_a_change_of_the_wire_is_a_visible_change(document: dict[str, Any]) -> None:
    expected = json.loads(SNAPSHOT.read_text())

    assert document == expected, (
        "The document differs from the committed one. If that is meant: "
        "medperf-server openapi > tests/routers/openapi.json"
    )


def test_every_endpoint_of_the_page_is_there(document: dict[str, Any]) -> None:
    served = {(method.upper(), path) for path, method, _ in operations(document)}
    nouns = ("users", "mlcubes", "datasets", "benchmarks", "results")
    one = {
        "users": "{user_id}",
        "mlcubes": "{cube_id}",
        "datasets": "{dataset_id}",
        "benchmarks": "{benchmark_id}",
        "results": "{result_id}",
    }
    wanted = {("GET", f"/{noun}/") for noun in nouns}
    wanted |= {("POST", f"/{noun}/") for noun in nouns if noun != "users"}
    wanted |= {
        (method, f"/{noun}/{one[noun]}/") for noun in nouns for method in ("GET", "PUT", "DELETE")
    }
    for noun, number in (("mlcubes", "{model_id}"), ("datasets", "{dataset_id}")):
        wanted.add(("POST", f"/{noun}/benchmarks/"))
        pair = f"/{noun}/{number}/benchmarks/{{benchmark_id}}/"
        wanted |= {(method, pair) for method in ("GET", "PUT", "DELETE")}
        wanted.add(("GET", f"/me/{noun}/associations/"))
    wanted |= {("GET", f"/me/{noun}/") for noun in nouns if noun != "users"}
    wanted |= {("GET", f"/benchmarks/{{benchmark_id}}/{noun}/") for noun in ("models", "datasets")}
    wanted |= {("GET", "/benchmarks/{benchmark_id}/results/"), ("GET", "/me/")}
    wanted.add(("GET", "/mlcubes/{cube_id}/datasets/"))
    wanted |= {("GET", f"/{noun}/{one[noun]}/history/") for noun in nouns if noun != "users"}
    wanted.add(("GET", "/audit/"))

    assert served == {(method, f"/api/v0{path}") for method, path in wanted} | {
        ("GET", "/version"),
        ("GET", "/health/"),
        ("GET", "/ready/"),
    }


def test_operation_ids_are_unique_words(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in names)


def test_what_needs_a_token_says_so(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        secured = path.startswith("/api/")
        assert ("security" in operation) == secured, path
        assert ("401" in operation["responses"]) == secured, path


def test_what_may_be_refused_anywhere_is_told_with_its_header(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        if path.startswith("/api/"):
            assert "WWW-Authenticate" in operation["responses"]["401"]["headers"], path
        if path != "/version":
            assert "Retry-After" in operation["responses"]["503"]["headers"], path


def test_its_version_is_the_packages(document: dict[str, Any]) -> None:
    project = tomllib.loads(PROJECT.read_text())["project"]

    assert document["info"]["version"] == project["version"]


def test_a_time_is_told_from_other_text(document: dict[str, Any]) -> None:
    times = [
        (schema, name, field)
        for schema, fields in sent(document)
        for name, field in fields["properties"].items()
        if name.endswith("_at")
    ]

    assert times
    for schema, name, field in times:
        kinds = field.get("anyOf", [field])
        assert {"type": "string", "format": "date-time"}.items() <= kinds[0].items(), (schema, name)


def test_what_is_always_sent_is_required(document: dict[str, Any]) -> None:
    for schema, fields in sent(document):
        assert set(fields["required"]) == set(fields["properties"]), schema


def test_what_may_be_left_out_is_not_required(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert "required" not in schemas["Problem"]
    assert schemas["CubeCreate"]["required"] == ["name", "git_mlcube_url", "mlcube_hash"]


def test_headers_that_guard_a_request_are_told(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if path.startswith("/api/"):
            headers = {
                parameter["name"]
                for parameter in operation.get("parameters", [])
                if parameter["in"] == "header"
            }
            assert ("Idempotency-Key" in headers) == (method == "post"), path
            assert ("If-Match" in headers) == (method in {"put", "delete"}), path
            assert ("If-None-Match" in headers) == ("304" in operation["responses"]), path


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    references = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document))

    assert set(references) <= set(schemas)
    assert set(schemas) <= set(references), "schemas that nothing refers to"


def test_what_a_partial_update_leaves_out_is_not_null(document: dict[str, Any]) -> None:
    update = document["components"]["schemas"]["CubeUpdate"]

    assert "required" not in update
    assert all(field.get("default", "") is not None for field in update["properties"].values())
