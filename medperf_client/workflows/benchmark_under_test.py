"""A benchmark as tests need it: its registration, kept here for those that may ask no server."""

from medperf_api.contract.benchmarks import BenchmarkRead
from medperf_client.errors import OutOfOrder
from medperf_client.ports.bundle import Ports

_REGISTRATION = "registration.json"
# In a benchmark's metadata: its demo dataset goes to models as it is.
PREPARED_BEFORE = "demo_dataset_already_prepared"


def known_benchmark(ports: Ports, benchmark_id: int, *, offline: bool = False) -> BenchmarkRead:
    """A benchmark's registration: the server's word, which is kept, or offline what was kept.

    Raises: OutOfOrder, where none was kept; Refused, ….
    """
    file = ports.workspace.path("benchmarks", str(benchmark_id), _REGISTRATION)
    if not offline:
        benchmark = ports.registry.benchmark(benchmark_id)
        ports.workspace.folder("benchmarks", str(benchmark_id))
        ports.workspace.write(file, benchmark)
        return benchmark
    kept = ports.workspace.read(file, BenchmarkRead)
    if kept is None:
        raise OutOfOrder(
            f"Benchmark {benchmark_id} was never tested with from this machine, and --offline asks "
            "no server.",
            hint="Run the command once without --offline, or name its three containers.",
        )
    return kept


def was_prepared_before(benchmark: BenchmarkRead) -> bool:
    """Whether the demo dataset of a benchmark needs no preparation."""
    metadata = benchmark.metadata
    return isinstance(metadata, dict) and metadata.get(PREPARED_BEFORE) is True
