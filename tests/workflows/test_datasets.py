"""From submission to operation: what is shown is what is sent, and nothing is done twice."""

import pytest

from medperf_api.contract.states import State
from medperf_client.errors import (
    BadData,
    Cause,
    ContainerFailed,
    Declined,
    HashDiffers,
    OutOfOrder,
    Refused,
    ServerUnreachable,
)
from medperf_client.workflows.prepare_dataset import prepare_dataset
from medperf_client.workflows.set_operational import check_dataset, set_operational
from medperf_client.workflows.submit_dataset import DatasetSubmission, submit_dataset
from tests.workflows.stand_ins import PREPARATION, Bench, dies, fails


def test_what_is_shown_is_what_is_registered(bench: Bench, request_: DatasetSubmission) -> None:
    registered = submit_dataset(bench, request_)

    (proposal,) = bench.consent.shown
    assert isinstance(proposal.body, dict)
    sent = registered.model_dump(mode="json")
    assert {key: sent[key] for key in proposal.body} == proposal.body
    assert str(bench.folder) not in str(proposal.body)
    assert proposal.body["generated_uid"] == proposal.body["input_data_hash"]


def test_a_no_registers_nothing(bench: Bench, request_: DatasetSubmission) -> None:
    bench.consent.agrees = False

    with pytest.raises(Declined):
        submit_dataset(bench, request_)

    assert not bench.registry.held_datasets


def test_a_registration_whose_answer_was_lost_is_found_again(
    bench: Bench, request_: DatasetSubmission
) -> None:
    bench.registry.lost_answers = 1
    with pytest.raises(ServerUnreachable):
        submit_dataset(bench, request_)

    found = submit_dataset(bench, request_)

    assert found.id == 1
    assert len(bench.registry.held_datasets) == 1
    assert prepare_dataset(bench, 1).statistics == {"cases": 1}


def test_preparation_runs_its_three_tasks_and_keeps_the_statistics(submitted: Bench) -> None:
    prepared = prepare_dataset(submitted, 1)

    assert submitted.engine.ran == ["prepare 1", "sanity_check 1", "statistics 1"]
    assert prepared.statistics == {"cases": 1}
    assert (prepared.data / "a.txt").read_text() == "images"
    assert (prepared.labels / "a.txt").read_text() == "labels"


@pytest.mark.parametrize("task", ["sanity_check", "statistics"])
def test_a_killed_preparation_goes_on_with_the_step_that_was_in_flight(
    submitted: Bench, task: str
) -> None:
    submitted.engine.work[PREPARATION, task] = dies
    with pytest.raises(SystemExit):
        prepare_dataset(submitted, 1)
    submitted.engine.ran.clear()
    submitted.engine.work.clear()

    prepare_dataset(submitted, 1)

    assert submitted.engine.ran[0] == f"{task} 1"


def test_a_failed_check_leaves_the_dataset_unprepared(submitted: Bench) -> None:
    submitted.engine.work[PREPARATION, "sanity_check"] = fails()
    with pytest.raises(ContainerFailed):
        prepare_dataset(submitted, 1)

    with pytest.raises(OutOfOrder, match="not prepared"):
        set_operational(submitted, 1)

    submitted.engine.work.clear()
    submitted.engine.ran.clear()
    prepare_dataset(submitted, 1)
    assert submitted.engine.ran[0] == "prepare 1", "mended data must be prepared anew"


def test_a_check_that_never_spoke_does_not_cost_the_preparation(submitted: Bench) -> None:
    submitted.engine.work[PREPARATION, "sanity_check"] = fails(Cause.TIMEOUT)
    with pytest.raises(ContainerFailed):
        prepare_dataset(submitted, 1)
    submitted.engine.work.clear()
    submitted.engine.ran.clear()

    prepare_dataset(submitted, 1)

    assert submitted.engine.ran == ["sanity_check 1", "statistics 1"]


def test_a_preparation_that_writes_nothing_is_told(submitted: Bench) -> None:
    submitted.engine.work[PREPARATION, "prepare"] = lambda mounts: None

    with pytest.raises(ContainerFailed, match="wrote no data") as caught:
        prepare_dataset(submitted, 1)

    assert caught.value.cause is Cause.BAD_OUTPUT


@pytest.mark.parametrize("text", ["", "[]", "{}", "auc: .nan", "a: &a [1]\nb: *a"])
def test_statistics_that_are_no_finite_mapping_are_refused(submitted: Bench, text: str) -> None:
    submitted.engine.work[PREPARATION, "statistics"] = lambda mounts: mounts[
        "output_path"
    ].write_text(text)

    with pytest.raises(BadData):
        prepare_dataset(submitted, 1)


def test_operation_sends_digests_and_statistics_once(submitted: Bench) -> None:
    prepare_dataset(submitted, 1)

    registered = set_operational(submitted, 1)

    assert registered.state is State.OPERATION
    assert registered.generated_metadata == {"cases": 1}
    assert registered.generated_uid == check_dataset(submitted, 1)
    with pytest.raises(OutOfOrder, match="already"):
        set_operational(submitted, 1)
    with pytest.raises(OutOfOrder, match="operational"):
        prepare_dataset(submitted, 1)


def test_a_no_to_operation_changes_nothing(submitted: Bench) -> None:
    prepare_dataset(submitted, 1)
    submitted.consent.agrees = False

    with pytest.raises(Declined):
        set_operational(submitted, 1)

    assert submitted.registry.held_datasets[1].state is State.DEVELOPMENT


def test_changed_prepared_data_is_told(operational: Bench) -> None:
    prepared = operational.workspace.path("data", "1", "prepared", "data", "a.txt")
    prepared.write_text("changed")

    with pytest.raises(HashDiffers, match="not what was registered"):
        check_dataset(operational, 1)


def test_mended_raw_data_is_registered_as_it_was_prepared(submitted: Bench) -> None:
    before = submitted.registry.held_datasets[1].input_data_hash
    (submitted.folder / "raw" / "labels" / "a.txt").write_text("mended")
    prepare_dataset(submitted, 1)

    assert set_operational(submitted, 1).input_data_hash != before


def test_data_of_another_is_not_touched(submitted: Bench) -> None:
    with pytest.raises(Refused, match="not found"):
        prepare_dataset(submitted, 2)
