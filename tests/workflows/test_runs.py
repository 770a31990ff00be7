"""Associating and running: each result once, each failure with its cause, and cached honestly."""

from datetime import timedelta
from pathlib import Path

import pytest

from medperf_api.contract.results import ResultCreate
from medperf_api.contract.states import Approval
from medperf_client.errors import (
    Cause,
    ContainerFailed,
    Declined,
    EngineUnavailable,
    OutOfOrder,
    ServerUnreachable,
    UsageFault,
)
from medperf_client.workflows.associate_dataset import associate_dataset
from medperf_client.workflows.records import ExecutionState, load_execution
from medperf_client.workflows.run_benchmark import (
    RunRequest,
    RunSummary,
    plan_benchmark,
    run_benchmark,
)
from medperf_client.workflows.submit_result import submit_result
from tests.workflows.stand_ins import (
    COMMITTEE,
    METRICS,
    MODEL,
    NOW,
    REFERENCE,
    Bench,
    dies,
    fails,
)


def run(bench: Bench, **more: object) -> RunSummary:
    return run_benchmark(bench, RunRequest(1, 1, **more))  # type: ignore[arg-type]


def test_an_association_carries_the_metrics_that_were_shown(operational: Bench) -> None:
    associate_dataset(operational, 1, 1)

    assert operational.registry.held_associations[0].metadata == {"test_result": {"auc": 0.75}}
    assert operational.consent.shown[-1].body["metadata"] == {"test_result": {"auc": 0.75}}


def test_a_no_to_an_association_keeps_the_result_here(operational: Bench) -> None:
    operational.consent.agrees = False

    with pytest.raises(Declined):
        associate_dataset(operational, 1, 1)

    assert not operational.registry.held_associations
    assert load_execution(operational, "b1m2d1").state is ExecutionState.DONE


def test_the_result_of_the_association_is_used_by_the_run(operational: Bench) -> None:
    associate_dataset(operational, 1, 1)
    operational.registry.add_association(Approval.APPROVED)

    summary = run(operational)

    assert [(row.model, row.from_cache) for row in summary.executions] == [(2, True), (4, False)]
    assert [row.model for row in summary.skipped] == [2]
    assert [row.model for row in summary.ran] == [4]


@pytest.mark.parametrize(
    ("status", "initiator", "told"),
    [
        (None, None, "has not asked"),
        (Approval.PENDING, None, "approval of the benchmark's owner is missing"),
        (Approval.PENDING, COMMITTEE, "your approval is missing"),
        (Approval.REJECTED, None, "rejected"),
    ],
)
def test_a_run_before_approval_says_whose_word_is_missing(
    operational: Bench, status: Approval | None, initiator: int | None, told: str
) -> None:
    if status is not None:
        operational.registry.add_association(
            status, **({"initiator": initiator} if initiator else {})
        )

    with pytest.raises(OutOfOrder, match=told):
        run(operational)

    assert "infer 4" not in operational.engine.ran


def test_the_newest_association_is_the_one_that_counts(accepted: Bench) -> None:
    accepted.registry.add_association(Approval.REJECTED)

    with pytest.raises(OutOfOrder, match="rejected"):
        run(accepted)


def test_a_model_that_fails_does_not_stop_the_others(accepted: Bench) -> None:
    accepted.engine.work[REFERENCE, "infer"] = fails(Cause.OUT_OF_MEMORY)

    summary = run(accepted)

    assert [row.cause for row in summary.executions] == [Cause.OUT_OF_MEMORY, None]
    assert load_execution(accepted, "b1m2d1").cause is Cause.OUT_OF_MEMORY
    accepted.engine.work.clear()
    assert [row.error for row in run(accepted).executions] == [None, None]


def test_an_engine_that_is_gone_ends_the_run_at_once(accepted: Bench) -> None:
    def gone(mounts: object) -> None:
        raise EngineUnavailable("no engine", cause=Cause.ENGINE_UNREACHABLE)

    accepted.engine.work[REFERENCE, "infer"] = gone

    with pytest.raises(EngineUnavailable):
        run(accepted)

    assert "infer 4" not in accepted.engine.ran


def test_a_killed_evaluation_does_not_cost_the_predictions(accepted: Bench) -> None:
    accepted.engine.work[METRICS, "evaluate"] = dies
    with pytest.raises(SystemExit):
        run(accepted)
    accepted.engine.work.clear()
    accepted.engine.ran.clear()

    run(accepted)

    assert accepted.engine.ran[0] == "evaluate 3"
    assert accepted.engine.ran.count("infer 2") == 0


def test_a_failed_evaluation_is_done_again_without_inferring(accepted: Bench) -> None:
    accepted.engine.work[METRICS, "evaluate"] = fails()
    assert len(run(accepted).failed) == 2
    accepted.engine.work.clear()
    accepted.engine.ran.clear()

    run(accepted)

    assert accepted.engine.ran == ["evaluate 3", "evaluate 3"]


@pytest.mark.parametrize("text", ["", "- 1", "auc: .inf", "auc: 1.0e+400"])
def test_results_that_are_no_finite_mapping_are_refused(accepted: Bench, text: str) -> None:
    accepted.engine.work[METRICS, "evaluate"] = lambda mounts: mounts["output_path"].write_text(
        text
    )

    rows = run(accepted).executions

    assert [row.cause for row in rows] == [Cause.BAD_OUTPUT] * 2
    assert load_execution(accepted, "b1m4d1").results is None


def test_another_version_of_a_model_is_not_taken_from_the_cache(accepted: Bench) -> None:
    run(accepted)
    changed = accepted.registry.held_cubes[MODEL].model_copy(update={"parameters_hash": "f" * 64})
    accepted.registry.held_cubes[MODEL] = changed

    assert [row.from_cache for row in run(accepted).executions] == [True, False]
    assert [row.from_cache for row in run(accepted, no_cache=True).executions] == [False, False]


def test_a_registered_result_counts_as_cached_on_another_machine(accepted: Bench) -> None:
    run(accepted)
    submit_result(accepted, "b1m4d1")
    accepted.workspace.remove(accepted.workspace.path("results"))

    assert [row.from_cache for row in run(accepted).executions] == [False, True]
    assert load_execution(accepted, "b1m4d1").results == {"auc": 0.75}


def half(mounts: dict[str, Path]) -> None:
    (mounts["output_path"] / "predictions.csv").write_text("a,0.5\n")
    raise ContainerFailed("it failed half-way", cause=Cause.EXIT_CODE)


def test_partial_predictions_are_scored_only_when_asked_for(accepted: Bench) -> None:
    accepted.engine.work[MODEL, "infer"] = half

    assert [row.model for row in run(accepted).failed] == [MODEL]
    rows = run(accepted, ignore_model_errors=True).executions
    assert [(row.partial, row.error) for row in rows] == [(False, None), (True, None)]


def test_a_registered_partial_result_is_still_partial_on_another_machine(accepted: Bench) -> None:
    accepted.engine.work[MODEL, "infer"] = half
    run(accepted, ignore_model_errors=True)
    submit_result(accepted, "b1m4d1")
    accepted.workspace.remove(accepted.workspace.path("results"))

    row = run(accepted, ignore_model_errors=True).executions[-1]

    assert (row.from_cache, row.partial) == (True, True)


def test_a_partial_result_is_cached_only_for_runs_that_ignore_errors(accepted: Bench) -> None:
    accepted.engine.work[MODEL, "infer"] = half
    run(accepted, ignore_model_errors=True)
    submit_result(accepted, "b1m4d1")
    accepted.engine.work.clear()
    assert run(accepted, ignore_model_errors=True).executions[-1].from_cache

    row = run(accepted).executions[-1]

    assert (row.from_cache, row.partial, row.error) == (False, False, None)


def test_partial_predictions_are_not_resumed_by_a_run_that_wants_all(accepted: Bench) -> None:
    accepted.engine.work = {(MODEL, "infer"): half, (METRICS, "evaluate"): fails()}
    run(accepted, ignore_model_errors=True)
    accepted.engine.work.clear()

    row = run(accepted, model_ids=(MODEL,)).executions[0]

    assert (row.partial, row.error) == (False, None)
    assert "infer 4" in accepted.engine.ran[-2:]


def test_a_registered_result_of_another_version_is_not_taken(accepted: Bench) -> None:
    run(accepted)
    submit_result(accepted, "b1m4d1")
    accepted.workspace.remove(accepted.workspace.path("results"))
    changed = accepted.registry.held_cubes[MODEL].model_copy(update={"parameters_hash": "f" * 64})
    accepted.registry.held_cubes[MODEL] = changed

    assert not run(accepted).executions[-1].from_cache


def test_a_registered_result_that_tells_no_inputs_is_not_taken(accepted: Bench) -> None:
    body = ResultCreate(benchmark=1, model=MODEL, dataset=1, results={"auc": 0.5})
    accepted.registry.create_result(body)

    assert not run(accepted).executions[-1].from_cache


@pytest.mark.parametrize("newest", [0, 1])
def test_of_several_registered_results_the_newest_is_taken(accepted: Bench, newest: int) -> None:
    run(accepted)
    submit_result(accepted, "b1m4d1")
    accepted.workspace.remove(accepted.workspace.path("results"))
    held = accepted.registry.held_results
    held.append(held[0].model_copy(update={"id": 2}))
    later = {"created_at": NOW + timedelta(hours=1), "results": {"auc": 0.9}}
    held[newest] = held[newest].model_copy(update=later)

    run(accepted)

    assert load_execution(accepted, "b1m4d1").results == {"auc": 0.9}


def test_a_run_that_finds_everything_in_the_cache_still_tidies_up(accepted: Bench) -> None:
    run(accepted)
    before = accepted.engine.tidied

    run(accepted)

    assert accepted.engine.tidied == before + 1


def test_only_the_models_named_are_run_in_their_order(accepted: Bench) -> None:
    rows = run(accepted, model_ids=(MODEL, REFERENCE, MODEL)).executions

    assert [row.model for row in rows] == [MODEL, REFERENCE]
    with pytest.raises(UsageFault, match="9"):
        run(accepted, model_ids=(9,))


def test_a_result_is_submitted_once(accepted: Bench) -> None:
    run(accepted)

    submit_result(accepted, "b1m4d1")

    assert accepted.registry.held_results[0].results == {"auc": 0.75}
    with pytest.raises(OutOfOrder, match="submitted before"):
        submit_result(accepted, "b1m4d1")
    assert len(accepted.registry.held_results) == 1


def test_a_submission_whose_answer_was_lost_is_not_repeated(accepted: Bench) -> None:
    run(accepted)
    accepted.registry.lost_answers = 1
    with pytest.raises(ServerUnreachable):
        submit_result(accepted, "b1m4d1")

    with pytest.raises(OutOfOrder, match="submitted before"):
        submit_result(accepted, "b1m4d1")


def test_an_unfinished_result_is_not_submitted(accepted: Bench) -> None:
    accepted.engine.work[MODEL, "infer"] = fails()
    run(accepted)

    with pytest.raises(OutOfOrder, match="not finished"):
        submit_result(accepted, "b1m4d1")
    with pytest.raises(UsageFault, match="no local result"):
        submit_result(accepted, "b1m9d1")


def planned(bench: Bench, **more: object) -> list[tuple[int, str, tuple[int, ...]]]:
    plans = plan_benchmark(bench, RunRequest(1, 1, **more))  # type: ignore[arg-type]
    return [(plan.model, plan.action, plan.fetch) for plan in plans]


def stored(bench: Bench) -> dict[Path, tuple[int, bytes]]:
    files = (path for path in bench.workspace.root.rglob("*") if path.is_file())
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_a_plan_tells_what_a_run_would_do_and_changes_nothing(accepted: Bench) -> None:
    before, ran, tidied = stored(accepted), list(accepted.engine.ran), accepted.engine.tidied

    assert planned(accepted) == [(REFERENCE, "run", (2, 3)), (MODEL, "run", (4, 3))]

    assert (stored(accepted), accepted.engine.ran, accepted.engine.tidied) == (before, ran, tidied)


def test_a_plan_knows_what_is_here(accepted: Bench) -> None:
    run(accepted, model_ids=(REFERENCE,))
    accepted.engine.work[METRICS, "evaluate"] = fails()
    assert planned(accepted) == [(REFERENCE, "cached", ()), (MODEL, "run", (4,))]
    run(accepted)

    assert planned(accepted) == [(REFERENCE, "cached", ()), (MODEL, "evaluate", ())]
    assert planned(accepted, no_cache=True) == [(REFERENCE, "run", ()), (MODEL, "run", ())]


def test_a_plan_keeps_no_registered_result(accepted: Bench) -> None:
    run(accepted)
    submit_result(accepted, "b1m4d1")
    accepted.workspace.remove(accepted.workspace.path("results"))

    assert planned(accepted, model_ids=(MODEL,)) == [(MODEL, "cached", ())]

    assert not accepted.workspace.children("results")


def test_a_plan_needs_the_approval_that_a_run_needs(operational: Bench) -> None:
    with pytest.raises(OutOfOrder, match="has not asked"):
        planned(operational)
