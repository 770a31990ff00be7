"""One compatibility test on its way: everything it needs is here, and everything it makes is kept
in scratch but for the report."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from medperf_api.contract.container_config import METADATA_LABEL, REPORT_LABEL, TaskName
from medperf_client.policy.disclosure import require_mapping
from medperf_client.ports.bundle import Ports
from medperf_client.workflows.compatibility_data import DataUnderTest
from medperf_client.workflows.cube_under_test import CubeUnderTest
from medperf_client.workflows.outputs import read_results, require_predictions, require_prepared
from medperf_client.workflows.reports import CompatibilityReport, report_name, save_report
from medperf_client.workflows.submit_dataset import data_digest
from medperf_client.workflows.tasks import run_task


@dataclass(frozen=True, slots=True)
class CompatibilityRun:
    """The containers and the data of one test. Without a preparator, data that models can read."""

    ports: Ports
    benchmark_id: int | None
    preparator: CubeUnderTest | None
    model: CubeUnderTest
    evaluator: CubeUnderTest
    data: DataUnderTest
    skip_preparation: bool

    @property
    def inputs(self) -> dict[str, str]:
        """The digest of everything that the results depend on, by its name."""
        roles = {
            "data_preparator": self.preparator,
            "model": self.model,
            "evaluator": self.evaluator,
        }
        of_cubes = {
            f"{role}.{name}": digest
            for role, cube in roles.items()
            if cube is not None
            for name, digest in cube.hashes.items()
        }
        return {
            **of_cubes,
            "data": self.data.digest,
            "preparation": "skipped" if self.skip_preparation else "done",
        }

    @property
    def name(self) -> str:
        """The name of its report."""
        return report_name(self.inputs)

    def finish(self) -> CompatibilityReport:
        """Run every task and keep the report. Raises: ContainerFailed, BadData."""
        with self.ports.workspace.scratch() as scratch:
            data, labels = self._prepared(scratch)
            statistics = self._checked(data, labels, scratch)
            predictions = self._predictions(data, scratch)
            results = self._results(predictions, labels, scratch)
            prepared_digest = data_digest(self.ports, data, labels, "prepared")
        return save_report(
            self.ports,
            CompatibilityReport(
                name=self.name,
                benchmark=self.benchmark_id,
                data=self.data.words,
                data_preparator=self.preparator and self.preparator.given,
                model=self.model.given,
                evaluator=self.evaluator.given,
                inputs=self.inputs,
                prepared_digest=prepared_digest,
                statistics=statistics,
                results=results,
            ),
        )

    def _prepared(self, scratch: Path) -> tuple[Path, Path]:
        """Folders of data and labels as models and metrics read them."""
        if self.skip_preparation or self.preparator is None:
            return self.data.data, self.data.labels
        made = scratch / "prepared"
        made.mkdir(mode=0o700)
        mounts = {
            "data_path": self.data.data,
            "labels_path": self.data.labels,
            "output_path": made / "data",
            "output_labels_path": made / "labels",
            REPORT_LABEL: made / "report.yaml",
            METADATA_LABEL: made / "metadata",
        }
        self._run(self.preparator, TaskName.PREPARE, mounts, "Prepare the data")
        require_prepared(self.ports, made)
        return made / "data", made / "labels"

    def _checked(self, data: Path, labels: Path, scratch: Path) -> dict[str, JsonValue]:
        """The statistics of prepared data that its container found fit."""
        if self.preparator is None:
            return {}
        made = scratch / "prepared" / "metadata"
        metadata = self.data.metadata if self.skip_preparation else made
        inputs = {"data_path": data, "labels_path": labels}
        if metadata is not None and metadata.is_dir():
            inputs[METADATA_LABEL] = metadata
        self._run(self.preparator, TaskName.SANITY_CHECK, inputs, "Check the prepared data")
        file = scratch / "statistics.yaml"
        mounts = {**inputs, "output_path": file}
        self._run(self.preparator, TaskName.STATISTICS, mounts, "Compute statistics")
        return require_mapping(self.ports.files.read_yaml(file), "The statistics")

    def _predictions(self, data: Path, scratch: Path) -> Path:
        made = scratch / "predictions"
        title = f"Infer with {self.model.cube.name}"
        self._run(self.model, TaskName.INFER, {"data_path": data, "output_path": made}, title)
        require_predictions(self.ports, made, self.model.cube.name)
        return made

    def _results(self, predictions: Path, labels: Path, scratch: Path) -> dict[str, JsonValue]:
        file = scratch / "results.yaml"
        mounts = {
            "predictions": predictions,
            "labels": labels,
            "output_path": file,
            "local_outputs_path": scratch / "local_outputs",
        }
        title = f"Evaluate with {self.evaluator.cube.name}"
        self._run(self.evaluator, TaskName.EVALUATE, mounts, title)
        return read_results(self.ports, file, self.evaluator.cube.name)

    def _run(
        self, cube: CubeUnderTest, task: TaskName, mounts: dict[str, Path], title: str
    ) -> None:
        with self.ports.reporter.step(title) as step:
            run_task(self.ports, cube.cube, task, mounts, self.name, step)
