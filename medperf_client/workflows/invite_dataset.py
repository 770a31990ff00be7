"""A committee's invitation of a dataset, about which its owner decides."""

from medperf_api.contract.associations import DatasetAssociationCreate, DatasetAssociationRead
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Proposal


def invite_dataset(ports: Ports, dataset_id: int, benchmark_id: int) -> DatasetAssociationRead:
    """Show the invitation, ask, and send it. Nothing is run: the data is with its owner.

    Raises: Declined, Refused, ….
    """
    body = DatasetAssociationCreate(dataset=dataset_id, benchmark=benchmark_id, metadata={})
    ports.consent.require(
        Proposal(
            title=f"Benchmark {benchmark_id} invites dataset {dataset_id}",
            question="Send this to the server?",
            body=body.model_dump(mode="json"),
        )
    )
    return ports.registry.request_dataset_association(body)
