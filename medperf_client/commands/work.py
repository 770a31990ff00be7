"""What the commands call. A name is loaded when first used, so that --help stays light."""
# mypy: implicit-reexport
# ruff: noqa: F401 - imported for whoever names them as attributes of this module

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medperf_api.contract.states import Approval
    from medperf_client.errors import ExitCode, UsageFault
    from medperf_client.workflows.associate_dataset import associate_dataset
    from medperf_client.workflows.associate_model import associate_model
    from medperf_client.workflows.compatibility_data import DataChoice
    from medperf_client.workflows.compatibility_test import (
        CompatibilityRequest,
        run_compatibility_test,
    )
    from medperf_client.workflows.create_container import create_container
    from medperf_client.workflows.decide_association import (
        decide_dataset_association,
        decide_model_association,
        set_model_priority,
    )
    from medperf_client.workflows.invite_dataset import invite_dataset
    from medperf_client.workflows.listings import (
        list_benchmarks,
        list_cubes,
        list_dataset_associations,
        list_datasets,
        list_model_associations,
    )
    from medperf_client.workflows.prepare_dataset import prepare_dataset
    from medperf_client.workflows.reports import list_reports, load_report
    from medperf_client.workflows.result_listings import (
        list_local_results,
        list_results,
        view_result,
    )
    from medperf_client.workflows.run_benchmark import (
        RunRequest,
        plan_benchmark,
        run_benchmark,
    )
    from medperf_client.workflows.set_operational import check_dataset, set_operational
    from medperf_client.workflows.submit_benchmark import BenchmarkSubmission, submit_benchmark
    from medperf_client.workflows.submit_container import (
        Asset,
        ContainerSubmission,
        submit_container,
    )
    from medperf_client.workflows.submit_dataset import DatasetSubmission, submit_dataset
    from medperf_client.workflows.submit_result import submit_result
    from medperf_client.workflows.try_task import Trial, try_task

_NAMES = {
    "medperf_api.contract.states": ["Approval"],
    "medperf_client.errors": ["ExitCode", "UsageFault"],
    "medperf_client.workflows.associate_dataset": ["associate_dataset"],
    "medperf_client.workflows.associate_model": ["associate_model"],
    "medperf_client.workflows.compatibility_data": ["DataChoice"],
    "medperf_client.workflows.compatibility_test": [
        "CompatibilityRequest",
        "run_compatibility_test",
    ],
    "medperf_client.workflows.create_container": ["create_container"],
    "medperf_client.workflows.decide_association": [
        "decide_dataset_association",
        "decide_model_association",
        "set_model_priority",
    ],
    "medperf_client.workflows.invite_dataset": ["invite_dataset"],
    "medperf_client.workflows.listings": [
        "list_benchmarks",
        "list_cubes",
        "list_dataset_associations",
        "list_datasets",
        "list_model_associations",
    ],
    "medperf_client.workflows.prepare_dataset": ["prepare_dataset"],
    "medperf_client.workflows.reports": ["list_reports", "load_report"],
    "medperf_client.workflows.result_listings": [
        "list_local_results",
        "list_results",
        "view_result",
    ],
    "medperf_client.workflows.run_benchmark": ["RunRequest", "plan_benchmark", "run_benchmark"],
    "medperf_client.workflows.set_operational": ["check_dataset", "set_operational"],
    "medperf_client.workflows.submit_benchmark": ["BenchmarkSubmission", "submit_benchmark"],
    "medperf_client.workflows.submit_container": [
        "Asset",
        "ContainerSubmission",
        "submit_container",
    ],
    "medperf_client.workflows.submit_dataset": ["DatasetSubmission", "submit_dataset"],
    "medperf_client.workflows.submit_result": ["submit_result"],
    "medperf_client.workflows.try_task": ["Trial", "try_task"],
}
HOMES = {name: module for module, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:
    # A type checker sees the imports above, and would take every other name for anything.
    def __getattr__(name):
        try:
            module = HOMES[name]
        except KeyError:
            raise AttributeError(name) from None
        return getattr(import_module(module), name)
