"""Asking a committee to accept a model, with what a compatibility test said of it."""

from medperf_api.contract.associations import ModelAssociationCreate, ModelAssociationRead
from medperf_api.contract.states import Approval, State
from medperf_client.errors import OutOfOrder
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Proposal
from medperf_client.workflows.compatibility_test import (
    CompatibilityRequest,
    run_compatibility_test,
)


def associate_model(
    ports: Ports, model_id: int, benchmark_id: int, *, no_cache: bool = False
) -> ModelAssociationRead:
    """Test the model on the benchmark's demo dataset, show its metrics, ask, and request.

    Raises: OutOfOrder, Declined, ContainerFailed, Refused, ….
    """
    _require_fit(ports, model_id, benchmark_id)
    request = CompatibilityRequest(benchmark_id, model=str(model_id), no_cache=no_cache)
    report = run_compatibility_test(ports, request).report
    body = ModelAssociationCreate(
        model_mlcube=model_id, benchmark=benchmark_id, metadata={"test_result": report.results}
    )
    ports.consent.require(
        Proposal(
            title=f"Model {model_id} asks to join benchmark {benchmark_id}",
            question="Send this to the server?",
            body=body.model_dump(mode="json"),
            notes=("test_result holds the model's metrics on the demo dataset.",),
        )
    )
    return ports.registry.request_model_association(body)


def _require_fit(ports: Ports, model_id: int, benchmark_id: int) -> None:
    if ports.registry.cube(model_id).state is not State.OPERATION:
        raise OutOfOrder(f"Model {model_id} is not operational yet.")
    benchmark = ports.registry.benchmark(benchmark_id)
    if benchmark.approval_status is not Approval.APPROVED:
        raise OutOfOrder(
            f"Benchmark {benchmark_id} is {benchmark.approval_status.lower()}, not approved.",
            hint="An admin of the server decides about benchmarks.",
        )
