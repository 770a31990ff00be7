"""Reports of compatibility tests, kept under ``tests/`` by a name that is made of their inputs."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from medperf_api.contract.digests import text_digest
from medperf_client.errors import UsageFault
from medperf_client.ports.bundle import Ports

_FOLDER, _FILE = "tests", "report.json"
_NAME_DIGITS = 12


class CompatibilityReport(BaseModel):
    """What a test was made of, and what came of it. A test that failed leaves none."""

    # A newer client may have written more than this one knows.
    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    benchmark: int | None = None
    data: str  # what the test ran on, in the words of whoever asked for it
    data_preparator: str | None = None
    model: str
    evaluator: str
    inputs: dict[str, str]  # the digest of everything that the results depend on, by its name
    prepared_digest: str = ""  # of the prepared data and labels
    statistics: dict[str, JsonValue] = Field(default_factory=dict)
    results: dict[str, JsonValue] = Field(default_factory=dict)
    made_at: datetime | None = None


def report_name(inputs: Mapping[str, str]) -> str:
    """The name of the report on these inputs, and on no others."""
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(inputs.items()))
    return f"t{text_digest(lines.encode())[:_NAME_DIGITS]}"


def find_report(ports: Ports, name: str) -> CompatibilityReport | None:
    """A report by its name, if there is one. Raises: BadData."""
    return ports.workspace.read(_file(ports, name), CompatibilityReport)


def load_report(ports: Ports, name: str) -> CompatibilityReport:
    """A report by its name. Raises: UsageFault, where there is none."""
    report = find_report(ports, name) if name in ports.workspace.children(_FOLDER) else None
    if report is None:
        raise UsageFault(
            f"There is no test report {name}.", hint="`medperf test ls` lists those there are."
        )
    return report


def save_report(ports: Ports, report: CompatibilityReport) -> CompatibilityReport:
    """Keep a report with the time it was made."""
    stamped = report.model_copy(update={"made_at": ports.now()})
    ports.workspace.folder(_FOLDER, report.name)
    ports.workspace.write(_file(ports, report.name), stamped)
    return stamped


def list_reports(ports: Ports) -> list[CompatibilityReport]:
    """Every report of this machine for this server, the newest last."""
    found = (find_report(ports, name) for name in ports.workspace.children(_FOLDER))
    return sorted((report for report in found if report), key=lambda report: str(report.made_at))


def _file(ports: Ports, name: str) -> Path:
    return ports.workspace.path(_FOLDER, name, _FILE)
