"""Whether three containers work together: prepare, check, infer and evaluate on data for tests."""

from dataclasses import dataclass, field, replace

from medperf_client.errors import UsageFault
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.benchmark_under_test import known_benchmark, was_prepared_before
from medperf_client.workflows.compatibility_data import (
    DataChoice,
    find_data_under_test,
)
from medperf_client.workflows.compatibility_run import CompatibilityRun
from medperf_client.workflows.cube_under_test import CubeUnderTest, find_cube_under_test
from medperf_client.workflows.reports import CompatibilityReport, find_report


@dataclass(frozen=True, slots=True)
class CompatibilityRequest:
    """What to test. Containers are numbers or paths; a benchmark fills in what is not given."""

    benchmark_id: int | None = None
    data: DataChoice = field(default_factory=DataChoice)
    preparator: str | None = None
    model: str | None = None
    evaluator: str | None = None
    no_cache: bool = False
    offline: bool = False
    skip_preparation: bool = False  # the data is prepared already
    own_model_image: bool = False  # the model's image as it is here


@dataclass(frozen=True, slots=True)
class CompatibilityOutcome:
    """A report, and whether it had been there before."""

    report: CompatibilityReport
    from_cache: bool


def run_compatibility_test(ports: Ports, request: CompatibilityRequest) -> CompatibilityOutcome:
    """Run the test, or take the report on the very same inputs.

    Raises: UsageFault (too little or too much given), ContainerFailed, BadData, HashDiffers,
    OutOfOrder, Refused, ….
    """
    request = _completed(ports, request)
    request.data.require_one()
    run = _gathered(ports, request)
    with ports.workspace.lock("tests", run.name):
        known = None if request.no_cache else find_report(ports, run.name)
        if known is not None:
            ports.reporter.say(f"Nothing changed since this test was made: {known.name}.")
            return CompatibilityOutcome(known, from_cache=True)
        return CompatibilityOutcome(run.finish(), from_cache=False)


def _completed(ports: Ports, request: CompatibilityRequest) -> CompatibilityRequest:
    """The request with what its benchmark says where nothing was given. Raises: UsageFault."""
    if request.benchmark_id is not None:
        benchmark = known_benchmark(ports, request.benchmark_id, offline=request.offline)
        request = replace(
            request,
            preparator=request.preparator or str(benchmark.data_preparation_mlcube),
            model=request.model or str(benchmark.reference_model_mlcube),
            evaluator=request.evaluator or str(benchmark.data_evaluator_mlcube),
        )
        if not request.data.given:
            demo = DataChoice(
                demo_url=benchmark.demo_dataset_tarball_url,
                demo_hash=benchmark.demo_dataset_tarball_hash,
            )
            prepared = request.skip_preparation or was_prepared_before(benchmark)
            request = replace(request, data=demo, skip_preparation=prepared)
    _require_containers(request)
    return request


def _require_containers(request: CompatibilityRequest) -> None:
    needed = {"--model": request.model, "--evaluator": request.evaluator}
    if request.data.dataset_id is None and not request.skip_preparation:
        needed["--data_preparator"] = request.preparator
    missing = [option for option, given in needed.items() if not given]
    if missing:
        raise UsageFault(
            "A test needs its containers, and some were not given.",
            hint=f"Give {' and '.join(missing)}, or --benchmark for those of a benchmark.",
        )


def _gathered(ports: Ports, request: CompatibilityRequest) -> CompatibilityRun:
    """Everything that the test needs, here. The model comes first: it is what most tests are of."""

    def find(given: str | None, own_image: bool = False) -> CubeUnderTest:
        return find_cube_under_test(
            ports, given or "", offline=request.offline, own_image=own_image
        )

    model = find(request.model, request.own_model_image)
    evaluator = find(request.evaluator)
    has_preparator = request.preparator and request.data.dataset_id is None
    preparator = find(request.preparator) if has_preparator else None
    data = find_data_under_test(ports, request.data)
    return CompatibilityRun(
        ports,
        benchmark_id=request.benchmark_id,
        preparator=preparator,
        model=model,
        evaluator=evaluator,
        data=data,
        skip_preparation=request.skip_preparation or data.was_prepared_here,
    )
