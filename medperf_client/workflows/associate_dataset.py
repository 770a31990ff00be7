"""Asking a committee to accept a dataset, with the reference model's metrics on it."""

from medperf_api.contract.associations import DatasetAssociationCreate, DatasetAssociationRead
from medperf_api.contract.benchmarks import BenchmarkRead
from medperf_api.contract.datasets import DatasetRead
from medperf_api.contract.states import Approval, State
from medperf_client.errors import OutOfOrder
from medperf_client.ports.bundle import Ports
from medperf_client.ports.reporter import Proposal
from medperf_client.workflows.execute import Executor
from medperf_client.workflows.prepare_dataset import my_dataset


def associate_dataset(
    ports: Ports, dataset_id: int, benchmark_id: int, *, no_cache: bool = False
) -> DatasetAssociationRead:
    """Run the reference model, show its metrics, ask, and request the association.

    Raises: OutOfOrder, Declined, ContainerFailed, Refused, ….
    """
    dataset = my_dataset(ports, dataset_id)
    benchmark = ports.registry.benchmark(benchmark_id)
    _require_fit(dataset, benchmark)
    _require_unasked(newest_association(ports, dataset_id, benchmark_id), dataset_id, benchmark_id)
    outcome = Executor(ports, benchmark, dataset, no_cache=no_cache).execute(
        benchmark.reference_model_mlcube
    )
    body = DatasetAssociationCreate(
        dataset=dataset_id,
        benchmark=benchmark_id,
        metadata={"test_result": outcome.execution.results},
    )
    ports.consent.require(
        Proposal(
            title=f"Dataset {dataset_id} asks to join benchmark {benchmark_id}: {benchmark.name}",
            question="Send this to the server?",
            body=body.model_dump(mode="json"),
            notes=("test_result holds the metrics of the reference model on your data.",),
        )
    )
    return ports.registry.request_dataset_association(body)


def newest_association(
    ports: Ports, dataset_id: int, benchmark_id: int
) -> DatasetAssociationRead | None:
    """The association of the pair that counts, if there is one."""
    of_pair = (
        association
        for association in ports.registry.dataset_associations()
        if (association.dataset, association.benchmark) == (dataset_id, benchmark_id)
    )
    return max(of_pair, key=lambda entry: (entry.created_at, entry.id), default=None)


def require_approved(ports: Ports, dataset_id: int, benchmark_id: int) -> None:
    """Refuse unless the benchmark accepted the dataset, saying whose word is missing.

    Raises: OutOfOrder.
    """
    newest = newest_association(ports, dataset_id, benchmark_id)
    asks = f"medperf dataset associate --data_uid {dataset_id} --benchmark_uid {benchmark_id}"
    if newest is None:
        raise OutOfOrder(
            f"Dataset {dataset_id} has not asked to join benchmark {benchmark_id}.",
            hint=f"Run `{asks}` first.",
        )
    if newest.approval_status is Approval.REJECTED:
        raise OutOfOrder(
            f"Benchmark {benchmark_id} does not accept dataset {dataset_id}: its association was "
            "rejected or withdrawn.",
            hint=f"Talk to the benchmark's owner, then ask again with `{asks}`.",
        )
    if newest.approval_status is Approval.PENDING and newest.initiated_by == ports.registry.me().id:
        raise OutOfOrder(
            f"Benchmark {benchmark_id} has not accepted dataset {dataset_id} yet: the approval of "
            "the benchmark's owner is missing.",
            hint="`medperf association ls` shows when it arrives. The benchmark's owner approves "
            f"with `medperf association approve -b {benchmark_id} -d {dataset_id}`.",
        )
    if newest.approval_status is Approval.PENDING:
        raise OutOfOrder(
            f"Benchmark {benchmark_id} invited dataset {dataset_id}: your approval is missing.",
            hint=f"Give it with `medperf association approve -b {benchmark_id} -d {dataset_id}`.",
        )


def _require_fit(dataset: DatasetRead, benchmark: BenchmarkRead) -> None:
    if dataset.state is not State.OPERATION:
        raise OutOfOrder(
            f"Dataset {dataset.id} is not operational yet.",
            hint=f"Prepare it, then run `medperf dataset set_operational --data_uid {dataset.id}`.",
        )
    if dataset.data_preparation_mlcube != benchmark.data_preparation_mlcube:
        raise OutOfOrder(
            f"Dataset {dataset.id} was prepared by container {dataset.data_preparation_mlcube}; "
            f"benchmark {benchmark.id} needs container {benchmark.data_preparation_mlcube}.",
            hint=f"Submit the data with --benchmark {benchmark.id} and prepare it for this one.",
        )
    if benchmark.approval_status is not Approval.APPROVED:
        raise OutOfOrder(
            f"Benchmark {benchmark.id} is {benchmark.approval_status.lower()}, not approved.",
            hint="An admin of the server decides about benchmarks.",
        )


def _require_unasked(
    newest: DatasetAssociationRead | None, dataset_id: int, benchmark_id: int
) -> None:
    if newest is not None and newest.approval_status is not Approval.REJECTED:
        raise OutOfOrder(
            f"Dataset {dataset_id} and benchmark {benchmark_id} have an association already; it is "
            f"{newest.approval_status.lower()}.",
            hint="`medperf association ls` shows it.",
        )
