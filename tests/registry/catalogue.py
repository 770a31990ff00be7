"""Every field somebody may send, in one table, and how to send each kind of object.

A field is required or has a default; ``in operation`` says whether it may still change then.
Associations and results have no such state: ``fixed`` is what never changes after creation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.registry.bodies import benchmark_body, cube_body, dataset_body
from tests.registry.world import Body, Person, World

TABLE = """
noun                 field                          kind      default      in operation

mlcubes              name                           text      required     frozen
mlcubes              git_mlcube_url                 text      required     open
mlcubes              mlcube_hash                    text      required     frozen
mlcubes              git_parameters_url             text?     ""           open
mlcubes              parameters_hash                text?     ""           frozen
mlcubes              image_hash                     text?     ""           frozen
mlcubes              image_tarball_url              text?     ""           open
mlcubes              image_tarball_hash             text?     ""           frozen
mlcubes              additional_files_tarball_url   text?     ""           open
mlcubes              additional_files_tarball_hash  text?     ""           frozen
mlcubes              state                          state     DEVELOPMENT  frozen
mlcubes              is_valid                       flag      true         open
mlcubes              metadata                       json      {}           frozen
mlcubes              user_metadata                  json      {}           open

datasets             name                           text      required     frozen
datasets             description                    text?     ""           frozen
datasets             location                       text?     ""           frozen
datasets             input_data_hash                text      required     frozen
datasets             generated_uid                  text      required     frozen
datasets             split_seed                     integer   required     frozen
datasets             data_preparation_mlcube        cube      required     frozen
datasets             is_valid                       flag      true         open
datasets             submitted_as_prepared          flag      required     frozen
datasets             generated_metadata             json      {}           frozen
datasets             user_metadata                  json      {}           open
datasets             report                         json      {}           frozen

benchmarks           name                           text      required     frozen
benchmarks           description                    text?     ""           frozen
benchmarks           docs_url                       text?     ""           frozen
benchmarks           demo_dataset_tarball_url       text      required     open
benchmarks           demo_dataset_tarball_hash      text      required     frozen
benchmarks           demo_dataset_generated_uid     text      required     frozen
benchmarks           data_preparation_mlcube        cube      required     frozen
benchmarks           reference_model_mlcube         cube      required     frozen
benchmarks           data_evaluator_mlcube          cube      required     frozen
benchmarks           metadata                       json      {}           frozen
benchmarks           user_metadata                  json      {}           open
benchmarks           state                          state     DEVELOPMENT  frozen
benchmarks           is_valid                       flag      true         open
benchmarks           is_active                      flag      true         open

datasets/benchmarks  dataset                        dataset   required     fixed
datasets/benchmarks  benchmark                      benchmark required     fixed
datasets/benchmarks  metadata                       json      required     fixed
datasets/benchmarks  approval_status                approval  PENDING      open

mlcubes/benchmarks   model_mlcube                   cube      required     fixed
mlcubes/benchmarks   benchmark                      benchmark required     fixed
mlcubes/benchmarks   metadata                       json      required     fixed
mlcubes/benchmarks   approval_status                approval  PENDING      open

results              name                           text?     ""           open
results              benchmark                      benchmark required     fixed
results              model                          cube      required     fixed
results              dataset                        dataset   required     fixed
results              results                        json      required     fixed
results              metadata                       json      {}           open
results              user_metadata                  json      {}           open
results              is_valid                       flag      true         open
"""

# Given by the server. Whatever somebody sends under these names at creation is ignored.
READ_ONLY: Mapping[str, tuple[str, ...]] = {
    "mlcubes": ("id", "owner", "created_at", "modified_at"),
    "datasets": ("id", "owner", "created_at", "modified_at", "state"),
    "benchmarks": ("id", "owner", "created_at", "modified_at", "approval_status", "approved_at"),
    "datasets/benchmarks": ("id", "created_at", "modified_at", "initiated_by", "approved_at"),
    "mlcubes/benchmarks": (
        *("id", "created_at", "modified_at", "initiated_by", "approved_at", "priority"),
    ),
    "results": ("id", "owner", "created_at", "modified_at", "approval_status", "approved_at"),
}

NOUNS = tuple(READ_ONLY)
REFERENCES = ("cube", "dataset", "benchmark")


@dataclass(frozen=True)
class Field:
    """One line of the table."""

    noun: str
    name: str
    kind: str
    default: str
    in_operation: str

    @property
    def is_required(self) -> bool:
        return self.default == "required"

    @property
    def is_text(self) -> bool:
        return self.kind in {"text", "text?"}

    @property
    def default_value(self) -> Any:
        values = {'""': "", "{}": {}, "true": True}
        return values.get(self.default, self.default)


FIELDS = [Field(*line.split()) for line in TABLE.strip().splitlines()[1:] if line]


def fields_of(noun: str, *kinds: str) -> list[Field]:
    """A noun's fields, of these kinds if any are named."""
    return [field for field in FIELDS if field.noun == noun and (not kinds or field.kind in kinds)]


@dataclass(frozen=True)
class Sending:
    """Somebody who may send a body, and one that is valid and was not sent before."""

    noun: str
    person: Person
    body: Body

    @property
    def path(self) -> str:
        return f"{self.noun}/"

    def without(self, field: str) -> Body:
        return {name: value for name, value in self.body.items() if name != field}


class Catalogue:
    """Makes valid bodies of every kind in one registry."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._committee = world.person("committee")
        self.data_owner = world.person("data owner")
        self.model_owner = world.person("model owner")
        self.admin = world.admin()
        self.benchmark = world.benchmark(self._committee)
        self._dataset = world.joined_dataset(self.data_owner, self.benchmark, self._committee)
        self._people = 0

    def sending(self, noun: str, **changes: Any) -> Sending:
        """A new body of this kind with nothing in it that may be left out."""
        makers: Mapping[str, Callable[[], tuple[Person, Body]]] = {
            "mlcubes": lambda: (self.model_owner, cube_body()),
            "datasets": self._new_dataset,
            "benchmarks": self._new_benchmark,
            "datasets/benchmarks": self._dataset_joining,
            "mlcubes/benchmarks": self._model_joining,
            "results": self._new_result,
        }
        person, body = makers[noun]()
        return Sending(noun, person, body | changes)

    def operational(self, noun: str) -> tuple[str, Person]:
        """The path of an object in operation, all of whose fields have a value; its owner."""
        if noun == "benchmarks":
            made = self._world.benchmark(self._newcomer(), approved=True)
            return f"benchmarks/{made['id']}/", self.admin
        if noun == "mlcubes":
            number = self._world.cube(self.model_owner, **assets())
            return f"mlcubes/{number}/", self.model_owner
        number = self._world.dataset(self.data_owner, self._preparation)
        return f"datasets/{number}/", self.data_owner

    def another(self, field: Field) -> Any:
        """A valid value that no object here has in this field."""
        if field.kind == "cube":
            return self._world.cube(self.model_owner)
        values = {"text": "another", "text?": "another", "integer": 77, "json": {"a": [1]}}
        flag = field.name == "submitted_as_prepared"
        return {**values, "flag": flag, "state": "DEVELOPMENT"}[field.kind]

    @property
    def _preparation(self) -> int:
        return int(self.benchmark["data_preparation_mlcube"])

    def _newcomer(self) -> Person:
        """Somebody without a pending benchmark."""
        self._people += 1
        return self._world.person(f"newcomer {self._people}")

    def _new_dataset(self) -> tuple[Person, Body]:
        body = dataset_body(self._preparation)
        return self.data_owner, {k: v for k, v in body.items() if k not in OPTIONAL_TEXT}

    def _new_benchmark(self) -> tuple[Person, Body]:
        return self._newcomer(), benchmark_body(*[self._preparation] * 3)

    def _dataset_joining(self) -> tuple[Person, Body]:
        dataset = self._world.dataset(self.data_owner, self._preparation)
        return self.data_owner, {"dataset": dataset, **self._joining}

    def _model_joining(self) -> tuple[Person, Body]:
        model = self._world.cube(self.model_owner)
        return self.model_owner, {"model_mlcube": model, **self._joining}

    def _new_result(self) -> tuple[Person, Body]:
        model = self.benchmark["reference_model_mlcube"]
        parts = {"benchmark": self.benchmark["id"], "model": model, "dataset": self._dataset}
        return self.data_owner, {**parts, "results": {"auc": 0.9}}

    @property
    def _joining(self) -> Body:
        return {"benchmark": self.benchmark["id"], "metadata": {}}


OPTIONAL_TEXT = {"description", "location"}


def assets() -> Body:
    """Every asset of a cube whose image is a tarball."""
    return {
        "image_hash": "",
        "image_tarball_url": "https://old.test/i.tar.gz",
        "image_tarball_hash": "abc",
        "git_parameters_url": "https://old.test/p.yaml",
        "parameters_hash": "abc",
        "additional_files_tarball_url": "https://old.test/a.tar.gz",
        "additional_files_tarball_hash": "abc",
    }


def companions(field: Field, value: str) -> Body:
    """What a cube's asset needs beside it, or must not have, when it has this value."""
    if field.noun != "mlcubes" or field.kind != "text?":
        return {}
    if field.name == "image_hash":
        return {} if value.strip() else assets()
    return assets() if value.strip() else {}
