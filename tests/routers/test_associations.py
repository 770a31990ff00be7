"""Associations: who asks, who decides, and what is kept of it. Both kinds follow one story."""

from dataclasses import dataclass

import pytest

from tests.registry.bodies import cube_body, dataset_body
from tests.registry.world import Body, Person, World


@dataclass
class Story:
    """A subject that wants to join a benchmark, and both owners."""

    world: World
    noun: str
    field: str
    owner: Person
    benchmark_owner: Person
    benchmark: Body
    subject: int

    @property
    def pair(self) -> str:
        return f"{self.noun}/{self.subject}/benchmarks/{self.benchmark['id']}/"

    @property
    def body(self) -> Body:
        return {self.field: self.subject, "benchmark": self.benchmark["id"], "metadata": {}}

    def request(self, person: Person, **changes: object) -> Body:
        return person.make(f"{self.noun}/benchmarks/", {**self.body, **changes})

    def refusal(self, person: Person, **changes: object) -> Body:
        answer = person.post(f"{self.noun}/benchmarks/", {**self.body, **changes})
        assert answer.status_code == 400, answer.text
        refusal: Body = answer.json()
        return refusal


@pytest.fixture(params=["datasets", "mlcubes"])
def story(
    request: pytest.FixtureRequest,
    world: World,
    data_owner: Person,
    benchmark_owner: Person,
) -> Story:
    benchmark = world.benchmark(benchmark_owner)
    if request.param == "datasets":
        subject = world.dataset(data_owner, benchmark["data_preparation_mlcube"])
        field = "dataset"
    else:
        subject, field = world.cube(data_owner), "model_mlcube"
    return Story(world, request.param, field, data_owner, benchmark_owner, benchmark, subject)


def test_one_side_asks_and_the_other_approves(story: Story) -> None:
    asked = story.request(story.owner)
    assert asked["approval_status"] == "PENDING"
    assert asked["approved_at"] is None
    assert asked["initiated_by"] == story.owner.id

    approved = story.benchmark_owner.change(story.pair, approval_status="APPROVED")

    assert approved["approval_status"] == "APPROVED"
    assert approved["approved_at"] >= asked["created_at"]
    assert approved["id"] == asked["id"]


def test_the_benchmarks_side_may_ask_too(story: Story) -> None:
    story.request(story.benchmark_owner)

    assert story.owner.change(story.pair, approval_status="APPROVED")["approved_at"]


def test_whoever_asked_cannot_approve_but_may_reject(story: Story) -> None:
    story.request(story.owner)

    answer = story.owner.put(story.pair, {"approval_status": "APPROVED"})
    assert (answer.status_code, answer.json()["code"]) == (400, "own_request")
    rejected = story.owner.change(story.pair, approval_status="REJECTED")
    assert rejected["approval_status"] == "REJECTED"


def test_a_decision_is_made_once(story: Story) -> None:
    story.request(story.owner)
    story.benchmark_owner.change(story.pair, approval_status="REJECTED")

    for status in ("APPROVED", "REJECTED", "PENDING"):
        answer = story.benchmark_owner.put(story.pair, {"approval_status": status})
        assert (answer.status_code, answer.json()["code"]) == (400, "illegal_move")


def test_an_owner_of_both_sides_has_nobody_to_ask(story: Story, admin: Person) -> None:
    subject = (
        story.world.cube(story.benchmark_owner)
        if story.noun == "mlcubes"
        else story.world.dataset(story.benchmark_owner, story.benchmark["data_preparation_mlcube"])
    )

    made = story.request(story.benchmark_owner, **{story.field: subject})

    assert made["approval_status"] == "APPROVED"
    assert made["approved_at"]


def test_history_is_kept_and_the_newest_counts(story: Story) -> None:
    assert story.refusal(story.owner, approval_status="REJECTED")["code"] == "illegal_move"
    story.request(story.owner)
    assert story.refusal(story.owner)["code"] == "illegal_move"
    assert story.refusal(story.owner, approval_status="APPROVED")["code"] == "illegal_move"
    story.benchmark_owner.change(story.pair, approval_status="APPROVED")
    assert story.refusal(story.owner)["code"] == "illegal_move"
    withdrawn = story.request(story.benchmark_owner, approval_status="REJECTED")
    assert withdrawn["approved_at"]
    assert story.refusal(story.owner, approval_status="REJECTED")["code"] == "illegal_move"
    story.request(story.owner)

    history = story.owner.read(story.pair)

    assert [entry["approval_status"] for entry in history] == ["APPROVED", "REJECTED", "PENDING"]
    fields = {"approval_status", "initiated_by", "approved_at", "created_at", "modified_at"}
    more = {"priority"} if story.noun == "mlcubes" else set()
    assert set(history[0]) == fields | more


def test_a_benchmark_that_is_not_approved_takes_nobody(story: Story, admin: Person) -> None:
    admin.change(f"benchmarks/{story.benchmark['id']}/", approval_status="REJECTED")

    refusal = story.refusal(story.owner)

    assert refusal["code"] == "not_ready"
    assert refusal["non_field_errors"] == [
        "Only an approved benchmark can be joined, and this is REJECTED."
    ]


def test_what_is_not_in_operation_cannot_join(story: Story) -> None:
    if story.noun == "mlcubes":
        unready = story.owner.make("mlcubes/", cube_body())
    else:
        body = dataset_body(story.benchmark["data_preparation_mlcube"])
        unready = story.owner.make("datasets/", body)

    assert story.refusal(story.owner, **{story.field: unready["id"]})["code"] == "not_ready"


def test_a_dataset_prepared_otherwise_cannot_join(
    world: World, data_owner: Person, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    dataset = world.dataset(data_owner, world.cube(benchmark_owner))

    answer = data_owner.post(
        "datasets/benchmarks/",
        {"dataset": dataset, "benchmark": benchmark["id"], "metadata": {}},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "not_ready")


def test_an_owner_of_one_side_learns_what_is_missing_on_the_other(story: Story) -> None:
    refusal = story.refusal(story.owner, benchmark=999)
    assert refusal["benchmark"] == ["There is no object with the number 999."]
    refusal = story.refusal(story.benchmark_owner, **{story.field: 999})
    assert refusal[story.field] == ["There is no object with the number 999."]


@pytest.mark.parametrize("bad", [{}, {"metadata": 5, "approval_status": "MAYBE"}, {"dataset": []}])
def test_a_stranger_is_refused_before_the_body_is_looked_at(
    story: Story, stranger: Person, bad: Body
) -> None:
    assert stranger.post(f"{story.noun}/benchmarks/", bad).status_code == 403
    assert stranger.post(f"{story.noun}/benchmarks/", {**story.body, **bad}).status_code == 403


def test_without_an_association_there_is_nothing_to_decide(story: Story) -> None:
    answer = story.owner.put(story.pair, {"approval_status": "REJECTED"})

    assert answer.status_code == 400
    assert story.owner.read(story.pair) == []


def test_deleting_takes_the_whole_history(story: Story, admin: Person) -> None:
    story.request(story.owner)
    story.owner.change(story.pair, approval_status="REJECTED")
    story.request(story.owner)

    assert story.owner.delete(story.pair).status_code == 403
    assert admin.delete(story.pair).status_code == 204
    assert admin.delete(story.pair).status_code == 404
    assert admin.read(story.pair) == []


def test_an_update_without_fields_answers_with_the_newest(story: Story) -> None:
    asked = story.request(story.owner)

    assert story.owner.change(story.pair) == asked


def test_each_side_finds_the_association_among_theirs(story: Story, stranger: Person) -> None:
    asked = story.request(story.owner)
    path = f"me/{story.noun}/associations/"

    assert story.owner.read(path)["results"] == [asked]
    assert story.benchmark_owner.read(path)["results"] == [asked]
    assert stranger.read(path)["results"] == []


def test_priority_is_set_by_update_alone(
    world: World, model_owner: Person, benchmark_owner: Person
) -> None:
    benchmark = world.benchmark(benchmark_owner)
    model = world.cube(model_owner)
    body = {"model_mlcube": model, "benchmark": benchmark["id"], "metadata": {}, "priority": 9}

    assert model_owner.make("mlcubes/benchmarks/", body)["priority"] == 0
    path = f"mlcubes/{model}/benchmarks/{benchmark['id']}/"
    assert benchmark_owner.change(path, priority=-3)["priority"] == -3
    assert benchmark_owner.put(path, {"priority": 2**31}).status_code == 400
