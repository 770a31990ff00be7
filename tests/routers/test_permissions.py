"""Who may do what, in one table: the status each person gets, whatever the body."""

from dataclasses import dataclass

import pytest

from tests.registry.world import Person, World

PEOPLE = ("nobody", "stranger", "data owner", "model owner", "benchmark owner", "admin")

# Each row: what is asked, and the status for each of PEOPLE. The body is {} where there is one.
TABLE = """
GET    me/                                401 200 200 200 200 200
GET    me/benchmarks/                     401 200 200 200 200 200
GET    me/datasets/                       401 200 200 200 200 200
GET    me/mlcubes/                        401 200 200 200 200 200
GET    me/results/                        401 200 200 200 200 200
GET    me/datasets/associations/          401 200 200 200 200 200
GET    me/mlcubes/associations/           401 200 200 200 200 200
GET    users/                             401 403 403 403 403 200
GET    users/{data_owner}/                401 403 200 403 200 200
GET    users/999/                         401 403 403 403 403 404
PUT    users/{data_owner}/                401 403 403 403 403 200
PUT    users/999/                         401 403 403 403 403 404
DELETE users/{data_owner}/                401 403 403 403 403 409
DELETE users/999/                         401 403 403 403 403 404
GET    mlcubes/                           401 200 200 200 200 200
POST   mlcubes/                           401 400 400 400 400 400
GET    mlcubes/{model}/                   401 200 200 200 200 200
GET    mlcubes/999/                       401 404 404 404 404 404
PUT    mlcubes/{model}/                   401 403 403 200 403 200
PUT    mlcubes/999/                       401 403 403 403 403 404
DELETE mlcubes/{model}/                   401 403 403 403 403 409
DELETE mlcubes/999/                       401 403 403 403 403 404
GET    mlcubes/{model}/datasets/          401 403 403 400 403 400
GET    mlcubes/999/datasets/              401 403 403 403 403 404
POST   mlcubes/benchmarks/                401 403 403 403 403 400
GET    mlcubes/{model}/benchmarks/{b}/    401 403 403 200 200 200
GET    mlcubes/999/benchmarks/{b}/        401 403 403 403 404 404
GET    mlcubes/{model}/benchmarks/999/    401 403 403 404 403 404
PUT    mlcubes/{model}/benchmarks/{b}/    401 403 403 200 200 200
PUT    mlcubes/999/benchmarks/999/        401 403 403 403 403 404
DELETE mlcubes/{model}/benchmarks/{b}/    401 403 403 403 403 204
DELETE mlcubes/999/benchmarks/999/        401 403 403 403 403 404
GET    datasets/                          401 200 200 200 200 200
POST   datasets/                          401 400 400 400 400 400
GET    datasets/{dataset}/                401 200 200 200 200 200
GET    datasets/999/                      401 404 404 404 404 404
PUT    datasets/{dataset}/                401 403 200 403 403 200
PUT    datasets/999/                      401 403 403 403 403 404
DELETE datasets/{dataset}/                401 403 403 403 403 409
DELETE datasets/999/                      401 403 403 403 403 404
POST   datasets/benchmarks/               401 403 403 403 403 400
GET    datasets/{dataset}/benchmarks/{b}/ 401 403 200 403 200 200
PUT    datasets/{dataset}/benchmarks/{b}/ 401 403 200 403 200 200
PUT    datasets/999/benchmarks/999/       401 403 403 403 403 404
DELETE datasets/{dataset}/benchmarks/{b}/ 401 403 403 403 403 204
GET    benchmarks/                        401 200 200 200 200 200
POST   benchmarks/                        401 400 400 400 400 400
GET    benchmarks/{b}/                    401 200 200 200 200 200
GET    benchmarks/999/                    401 404 404 404 404 404
PUT    benchmarks/{b}/                    401 403 403 403 200 200
PUT    benchmarks/999/                    401 403 403 403 403 404
DELETE benchmarks/{b}/                    401 403 403 403 403 409
DELETE benchmarks/999/                    401 403 403 403 403 404
GET    benchmarks/{b}/models/             401 403 200 403 200 200
GET    benchmarks/999/models/             401 403 403 403 403 404
GET    benchmarks/{b}/datasets/           401 403 403 403 200 200
GET    benchmarks/999/datasets/           401 403 403 403 403 404
GET    benchmarks/{b}/results/            401 403 403 403 200 200
GET    benchmarks/999/results/            401 403 403 403 403 404
GET    results/                           401 403 403 403 403 200
POST   results/                           401 403 403 403 403 400
GET    results/{result}/                  401 403 200 403 200 200
GET    results/999/                       401 403 403 403 403 404
PUT    results/{result}/                  401 403 403 403 403 200
PUT    results/999/                       401 403 403 403 403 404
GET    audit/                             401 403 403 403 403 200
GET    mlcubes/{model}/history/           401 403 403 200 403 200
GET    mlcubes/999/history/               401 403 403 403 403 404
GET    datasets/{dataset}/history/        401 403 200 403 403 200
GET    datasets/999/history/              401 403 403 403 403 404
GET    benchmarks/{b}/history/            401 403 403 403 200 200
GET    benchmarks/999/history/            401 403 403 403 403 404
GET    results/{result}/history/          401 403 200 403 403 200
GET    results/999/history/               401 403 403 403 403 404
DELETE results/{result}/                  401 403 403 403 403 204
DELETE results/999/                       401 403 403 403 403 404
"""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    method: str
    path: str
    statuses: tuple[int, ...]

    @classmethod
    def of(cls, line: str) -> "Row":
        method, path, *statuses = line.split()
        return cls(method, path, tuple(map(int, statuses)))


ROWS = [Row.of(line) for line in TABLE.strip().splitlines()]


@pytest.fixture
def people(
    world: World,
    stranger: Person,
    data_owner: Person,
    model_owner: Person,
    benchmark_owner: Person,
    admin: Person,
) -> list[Person]:
    return [world.nobody(), stranger, data_owner, model_owner, benchmark_owner, admin]


def test_everybody_gets_what_the_table_says(world: World, people: list[Person]) -> None:
    """One registry for the whole table: deletions that succeed come last, and admins do them."""
    _, _, data_owner, model_owner, benchmark_owner, _ = people
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    model = world.joined_model(model_owner, benchmark, benchmark_owner)
    sent = {"benchmark": benchmark["id"], "model": model, "dataset": dataset, "results": {}}
    names = {
        "b": benchmark["id"],
        "dataset": dataset,
        "model": model,
        "data_owner": data_owner.id,
        "result": data_owner.make("results/", sent)["id"],
    }

    wrong = []
    for row in sorted(ROWS, key=lambda row: 204 in row.statuses):
        for name, person, status in zip(PEOPLE, people, row.statuses, strict=True):
            body = {"json": {}} if row.method in {"POST", "PUT"} else {}
            got = person.call(row.method, row.path.format(**names), **body).status_code
            if got != status:
                wrong.append(f"{row.method} {row.path}: {name} gets {got}, not {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"name": 5, "state": []}', b"\xff"])
def test_permission_is_decided_before_the_body_is_read(
    world: World, stranger: Person, model_owner: Person, content: bytes
) -> None:
    number = world.cube(model_owner)
    headers = {"content-type": "application/json"}

    for method, path in (("PUT", f"mlcubes/{number}/"), ("PUT", "users/1/"), ("PUT", "results/1/")):
        answer = stranger.call(method, path, content=content, headers=headers)
        assert answer.status_code == 403
        nobody = world.nobody().call(method, path, content=content, headers=headers)
        assert nobody.status_code == 401
