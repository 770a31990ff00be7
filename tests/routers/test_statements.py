"""What the guards of a request cost: statements beside those of the request itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.registry.bodies import cube_body
from tests.registry.world import Person, World


class Counter:
    """Counts what one call asks of the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.count += not statement.startswith("BEGIN")

    def of(self, person: Person, method: str, path: str, **kwargs: Any) -> int:
        """The statements of a call that succeeds."""
        before = self.count
        answer = person.call(method, path, **kwargs)
        assert answer.status_code < 400, answer.text
        return self.count - before


@pytest.fixture
def counter(world: World) -> Iterator[Counter]:
    counter = Counter()
    # Readers and writers have engines of their own.
    event.listen(Engine, "before_cursor_execute", counter)
    yield counter
    event.remove(Engine, "before_cursor_execute", counter)


def test_a_version_costs_nothing(model_owner: Person, counter: Counter) -> None:
    path = f"mlcubes/{model_owner.make('mlcubes/', cube_body())['id']}/"
    tag = model_owner.get(path).headers["etag"]

    plain = counter.of(model_owner, "GET", path)
    assert counter.of(model_owner, "GET", path, headers={"If-None-Match": tag}) == plain
    edit = counter.of(model_owner, "PUT", path, json={"metadata": {"a": 1}})
    insisted = {"json": {"metadata": {"b": 1}}, "headers": {"If-Match": "*"}}
    assert counter.of(model_owner, "PUT", path, **insisted) == edit


def test_an_entry_costs_one_statement_however_much_was_decided(
    model_owner: Person, counter: Counter
) -> None:
    path = f"mlcubes/{model_owner.make('mlcubes/', cube_body())['id']}/"

    edit = counter.of(model_owner, "PUT", path, json={"metadata": {"a": 1}})
    decisions = {"is_valid": False, "state": "OPERATION"}
    assert counter.of(model_owner, "PUT", path, json=decisions) == edit + 1


def test_a_key_costs_three_statements_and_spares_all_when_it_is_used_again(
    model_owner: Person, counter: Counter
) -> None:
    model_owner.read("me/")
    plain = counter.of(model_owner, "POST", "mlcubes/", json=cube_body())
    keyed = {"json": cube_body(), "headers": {"Idempotency-Key": "k"}}

    assert counter.of(model_owner, "POST", "mlcubes/", **keyed) == plain + 3
    assert counter.of(model_owner, "POST", "mlcubes/", **keyed) < plain


def test_reading_costs_at_most_three_statements(
    world: World, data_owner: Person, benchmark_owner: Person, counter: Counter
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.joined_dataset(data_owner, benchmark, benchmark_owner)
    nested = [f"benchmarks/{benchmark['id']}/{noun}/" for noun in ("models", "datasets", "results")]
    pair = f"datasets/{dataset}/benchmarks/{benchmark['id']}/"
    lists = ["me/benchmarks/", "benchmarks/", "datasets/", "mlcubes/", "me/mlcubes/associations/"]
    one = ["me/", f"benchmarks/{benchmark['id']}/", f"datasets/{dataset}/"]

    cost = {
        path: counter.of(benchmark_owner, "GET", path) for path in [*nested, pair, *lists, *one]
    }

    assert max(cost.values()) <= 3, cost
    assert [cost[path] for path in one] == [2] * len(one)
    assert [cost[path] for path in lists] == [2] * len(lists)
