"""Who may do what: docs/permissions.md, request by request and person by person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.registry.cast import Cast
from tests.registry.world import API, Body, Person, World

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"

_PLACE = re.compile(r"\{([a-z ]+)\}")
_WORD = re.compile(r"(?:\{[^}]*\}|\S)+")

# Wrong in every body that has one of them.
BAD_FIELDS: Body = {"name": [], "username": [], "is_valid": "maybe"}
ALSO_BAD: Body = {**BAD_FIELDS, "approval_status": "MAYBE"}
TOO_EARLY_TO_MATTER = {401, 403, 404}


@dataclass(frozen=True)
class Row:
    """One line of the page: a request, and the status each person gets."""

    method: str
    path: str
    named: dict[str, str]
    statuses: dict[str, int]

    @classmethod
    def of(cls, line: str, people: list[str]) -> "Row":
        request, *statuses = cells(line)
        method, path, *fields = _WORD.findall(request.strip("`"))
        named = dict(field.split("=") for field in fields)
        return cls(method, path, named, dict(zip(people, map(int, statuses), strict=True)))

    def __str__(self) -> str:
        return " ".join([self.method, self.path, *map("=".join, self.named.items())])

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(_PLACE.findall(self.path))

    @property
    def takes_a_body(self) -> bool:
        return self.method in {"POST", "PUT"}

    def ask(self, person: Person, cast: Cast, *, slash: bool = True, **bad: Any) -> int:
        """Make the request, with objects for those the line names."""
        path = self.filled(self.path, cast) if slash else self.filled(self.path, cast).rstrip("/")
        body = {}
        if self.takes_a_body:
            sent = cast.body(self.method, self.path) | bad
            body = {
                "json": sent | {name: self.value(text, cast) for name, text in self.named.items()}
            }
        return person.call(self.method, path, **body).status_code

    def filled(self, text: str, cast: Cast) -> str:
        return _PLACE.sub(lambda found: str(cast.number(found[1])), text)

    def value(self, text: str, cast: Cast) -> int | str:
        filled = self.filled(text, cast)
        return int(filled) if filled.isdigit() else filled


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def rows() -> Iterator[Row]:
    people: list[str] = []
    for line in PAGE.read_text().splitlines():
        if line.startswith("| request"):
            people = cells(line)[1:]
        elif line.startswith("| `"):
            yield Row.of(line, people)


ROWS = list(rows())


@pytest.fixture
def cast(world: World) -> Cast:
    return Cast(world)


@pytest.mark.parametrize(
    ("slash", "people"), [(True, None), (False, ("nobody", "stranger", "admin"))]
)
def test_everybody_gets_what_the_page_says(
    cast: Cast, slash: bool, people: tuple[str, ...] | None
) -> None:
    """Without the slash a few people are enough: the path is the same one after all."""
    wrong = [
        f"{row}: {name} gets {got}, not {row.statuses[name]}"
        for row in ROWS
        for name in people or row.statuses
        if (got := row.ask(cast.people[name], cast, slash=slash)) != row.statuses[name]
    ]

    assert not wrong, "\n".join(wrong)


def test_fields_are_judged_after_permission_and_existence(cast: Cast) -> None:
    wrong = []
    for row in filter(lambda row: row.takes_a_body, ROWS):
        bad = BAD_FIELDS if row.path.startswith("benchmarks/") else ALSO_BAD
        for name, status in row.statuses.items():
            expected = status if status in TOO_EARLY_TO_MATTER else 400
            if (got := row.ask(cast.people[name], cast, **bad)) != expected:
                wrong.append(f"{row} with bad fields: {name} gets {got}, not {expected}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("kind", "content", "refusal"),
    [("application/json", b"{", 400), ("application/json", b"[]", 400), ("text/plain", b"x", 415)],
)
def test_a_body_is_read_after_permission_and_existence(
    cast: Cast, kind: str, content: bytes, refusal: int
) -> None:
    """Of a POST, permission itself may depend on the body."""
    wrong = []
    for row in filter(lambda row: row.method == "PUT" and not row.named, ROWS):
        for name in ("nobody", "stranger", "admin"):
            status = row.statuses[name]
            expected = status if status in TOO_EARLY_TO_MATTER else refusal
            answer = cast.people[name].call(
                "PUT", row.filled(row.path, cast), content=content, headers={"content-type": kind}
            )
            if answer.status_code != expected:
                wrong.append(f"{row}: {name} gets {answer.status_code}, not {expected}")

    assert not wrong, "\n".join(wrong)


def test_a_deletion_reads_no_body(cast: Cast) -> None:
    path = f"mlcubes/{cast.number('new model')}/"

    assert cast.people["admin"].call("DELETE", path, data={"a": 1}).status_code == 204


def operations(app: FastAPI) -> set[tuple[str, str]]:
    """Every operation that needs a token, with its objects unnamed."""
    return {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path.removeprefix(API)))
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if "security" in operation
    }


def test_every_operation_is_on_the_page(app: FastAPI) -> None:
    assert operations(app) == {(row.method, _PLACE.sub("{}", row.path)) for row in ROWS}


def test_every_operation_on_an_object_is_asked_for_several_and_for_a_missing_one() -> None:
    asked: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for row in ROWS:
        asked.setdefault((row.method, _PLACE.sub("{}", row.path)), set()).add(row.objects)

    for operation, objects in asked.items():
        if "{}" in operation[1]:
            missing = {names for names in objects if "missing" in names}
            assert missing, operation
            several = 1 if operation in {("DELETE", "results/{}/")} else 2
            assert len(objects - missing) >= several, operation
