"""A decision on somebody's request to join a benchmark, and a model's place in its runs."""

from medperf_api.contract.associations import DatasetAssociationUpdate, ModelAssociationUpdate
from medperf_api.contract.states import Approval
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.bodies import filled


def decide_dataset_association(
    ports: Ports, dataset_id: int, benchmark_id: int, decision: Approval
) -> None:
    """Approve or reject a dataset. Raises: Refused, ServerUnreachable, NotLoggedIn."""
    ports.registry.decide_dataset_association(
        dataset_id, benchmark_id, DatasetAssociationUpdate(approval_status=decision)
    )


def decide_model_association(
    ports: Ports, model_id: int, benchmark_id: int, decision: Approval
) -> None:
    """Approve or reject a model. Raises: Refused, ServerUnreachable, NotLoggedIn."""
    ports.registry.decide_model_association(
        model_id, benchmark_id, ModelAssociationUpdate(approval_status=decision)
    )


def set_model_priority(ports: Ports, model_id: int, benchmark_id: int, priority: int) -> None:
    """Let a model run before those of a lower priority. Raises: UsageFault, Refused, …."""
    body = filled(ModelAssociationUpdate, priority=priority)
    ports.registry.decide_model_association(model_id, benchmark_id, body)
