"""Registering a benchmark: its containers must work together on its demo dataset first."""

from dataclasses import dataclass

from pydantic import JsonValue

from medperf_api.contract.benchmarks import BenchmarkCreate, BenchmarkRead
from medperf_api.contract.states import State
from medperf_client.policy.sources import is_for_others, registered_url
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Proposal
from medperf_client.workflows.benchmark_under_test import PREPARED_BEFORE
from medperf_client.workflows.bodies import filled
from medperf_client.workflows.compatibility_data import DataChoice
from medperf_client.workflows.compatibility_test import (
    CompatibilityRequest,
    run_compatibility_test,
)
from medperf_client.workflows.reports import CompatibilityReport


@dataclass(frozen=True, slots=True)
class BenchmarkSubmission:
    """What a committee says about a benchmark. Containers are numbers of the server's."""

    name: str
    preparator_id: int
    reference_model_id: int
    evaluator_id: int
    demo_url: str
    demo_hash: str | None = None
    description: str = ""
    docs_url: str = ""
    skip_preparation: bool = False  # the demo dataset is prepared already
    operational: bool = False


def submit_benchmark(ports: Ports, submission: BenchmarkSubmission) -> BenchmarkRead:
    """Test the containers on the demo dataset, show what would be sent, ask, register.

    Raises: UsageFault, BadData, HashDiffers, ContainerFailed, Declined, Refused, ….
    """
    demo_url = registered_url(submission.demo_url)
    body = _body(submission, demo_url, _tested(ports, submission))
    ports.consent.require(
        Proposal(
            title="Registration of a benchmark",
            question="Send this to the server?",
            body=body.model_dump(mode="json"),
            notes=tuple(_notes(submission)),
        )
    )
    return ports.registry.create_benchmark(body)


def _tested(ports: Ports, submission: BenchmarkSubmission) -> CompatibilityReport:
    request = CompatibilityRequest(
        data=DataChoice(demo_url=submission.demo_url, demo_hash=submission.demo_hash),
        preparator=str(submission.preparator_id),
        model=str(submission.reference_model_id),
        evaluator=str(submission.evaluator_id),
        skip_preparation=submission.skip_preparation,
    )
    return run_compatibility_test(ports, request).report


def _body(
    submission: BenchmarkSubmission, demo_url: str, report: CompatibilityReport
) -> BenchmarkCreate:
    metadata: dict[str, JsonValue] = {"results": report.results}
    if submission.skip_preparation:
        metadata[PREPARED_BEFORE] = True
    return filled(
        BenchmarkCreate,
        name=submission.name,
        description=submission.description,
        docs_url=submission.docs_url,
        demo_dataset_tarball_url=demo_url,
        demo_dataset_tarball_hash=report.inputs["data"],
        demo_dataset_generated_uid=report.prepared_digest,
        data_preparation_mlcube=submission.preparator_id,
        reference_model_mlcube=submission.reference_model_id,
        data_evaluator_mlcube=submission.evaluator_id,
        metadata=metadata,
        state=State.OPERATION if submission.operational else State.DEVELOPMENT,
    )


def _notes(submission: BenchmarkSubmission) -> list[str]:
    notes = ["results are the reference model's metrics on the demo dataset."]
    if not is_for_others(submission.demo_url):
        notes.append(
            f"WARNING: {submission.demo_url}: on this machine alone. Nobody else can test a model "
            "for this benchmark until its demo dataset has a web address."
        )
    return notes
