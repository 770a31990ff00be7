"""Random legal and illegal moves of one pair, against a model of what the page says."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import sampled_from

from medperf_api.contract.states import ASSOCIATION_STARTS, Approval
from tests.registry.bodies import cube_body
from tests.registry.world import Body, Person, World

SIDES = ("owner", "other")


class Pair(RuleBasedStateMachine):
    """A model and a benchmark; each rule is a request that anybody could send."""

    world: World
    people: dict[str, Person]
    benchmark: Body

    def __init__(self) -> None:
        super().__init__()
        self.ids = {side: self.people[side].id for side in SIDES}
        owner = self.people["owner"]
        self.subject = owner.make("mlcubes/", cube_body(state="OPERATION"))["id"]
        self.path = f"mlcubes/{self.subject}/benchmarks/{self.benchmark['id']}/"
        self.history: list[tuple[Approval, int]] = []

    @property
    def newest(self) -> Approval | None:
        return self.history[-1][0] if self.history else None

    @rule(side=sampled_from(SIDES), wanted=sampled_from(Approval))
    def ask(self, side: str, wanted: Approval) -> None:
        body = {
            "model_mlcube": self.subject,
            "benchmark": self.benchmark["id"],
            "metadata": {},
            "approval_status": wanted,
        }
        status = self.people[side].post("mlcubes/benchmarks/", body).status_code
        legal = wanted in ASSOCIATION_STARTS[self.newest]
        assert status == (201 if legal else 400)
        if legal:
            self.history.append((wanted, self.ids[side]))

    @rule(side=sampled_from(SIDES), wanted=sampled_from(Approval))
    def decide(self, side: str, wanted: Approval) -> None:
        status = self.people[side].put(self.path, {"approval_status": wanted}).status_code
        own = bool(self.history) and self.history[-1][1] == self.ids[side]
        legal = self.newest is Approval.PENDING and (
            wanted is Approval.REJECTED or (wanted is Approval.APPROVED and not own)
        )
        assert status == (200 if legal else 400)
        if legal:
            self.history[-1] = (wanted, self.history[-1][1])

    @rule(side=sampled_from(SIDES))
    def set_priority(self, side: str) -> None:
        status = self.people[side].put(self.path, {"priority": 3}).status_code
        assert status == (200 if self.history else 400)

    @rule(wanted=sampled_from(Approval))
    def meddle(self, wanted: Approval) -> None:
        status = self.people["stranger"].put(self.path, {"approval_status": wanted}).status_code
        assert status == 403

    @invariant()
    def the_history_is_the_models(self) -> None:
        rows: list[dict[str, Any]] = self.people["owner"].read(self.path)
        found = [(row["approval_status"], row["initiated_by"]) for row in rows]
        assert found == self.history


@pytest.fixture
def machine(
    world: World, model_owner: Person, benchmark_owner: Person, stranger: Person
) -> type[Pair]:
    class OfThisWorld(Pair):
        people = {"owner": model_owner, "other": benchmark_owner, "stranger": stranger}  # noqa: RUF012
        benchmark = world.benchmark(benchmark_owner)

    return OfThisWorld


def test_no_sequence_of_requests_breaks_a_pairs_history(machine: type[Pair]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
