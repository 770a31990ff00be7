"""What Prometheus is told; several workers count in files that one of them does not own.

Imported only where metrics are asked for, and after ``PROMETHEUS_MULTIPROC_DIR`` is set.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from medperf_api.routers.request_watch import Answered

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_requests = Counter("medperf_requests", "Requests answered.", ("method", "route", "status"))
_durations = Histogram(
    "medperf_request_duration_seconds",
    "From a request's headers to the end of its reply.",
    ("method", "route"),
    buckets=_BUCKETS_S,
)


def count_request(answered: Answered) -> None:
    """Count it."""
    _requests.labels(answered.method, answered.route, str(answered.status)).inc()
    _durations.labels(answered.method, answered.route).observe(answered.duration_s)


def exposed(host: str, port: int) -> Callable[[], None]:
    """Answer ``/metrics`` in a thread, for all workers; how to stop. Raises: OSError."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
    server, thread = start_http_server(port, addr=host, registry=registry)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
