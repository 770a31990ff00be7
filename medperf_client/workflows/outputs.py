"""What containers wrote, inspected before anything of it is kept or shown."""

from pathlib import Path

from pydantic import JsonValue

from medperf_client.errors import BadData, Cause, ContainerFailed
from medperf_client.policy.disclosure import require_mapping
from medperf_client.ports.bundle import Ports


def require_prepared(ports: Ports, made: Path) -> None:
    """Refuse what a preparation wrote unless ``data`` and ``labels`` in it hold plain files.

    Raises: BadData, ContainerFailed.
    """
    limits = ports.runs.limits
    ports.files.require_regular(made, limits.output_bytes, limits.output_files)
    for folder in ("data", "labels"):
        if not has_files(ports, made / folder):
            raise ContainerFailed(
                f"The preparation ended without an error but wrote no {folder}.",
                cause=Cause.BAD_OUTPUT,
                hint="Its log says what it did; tell the container's owner.",
            )


def require_predictions(ports: Ports, made: Path, model: str) -> None:
    """Refuse predictions that are none, or no plain files. Raises: ContainerFailed."""
    limits = ports.runs.limits
    try:
        ports.files.require_regular(made, limits.output_bytes, limits.output_files)
    except BadData as fault:
        raise ContainerFailed(
            f"The output of {model!r} was refused: {fault.message}",
            cause=Cause.BAD_OUTPUT,
            hint="Nothing of it was kept; tell the model's owner.",
        ) from fault
    if not has_files(ports, made):
        raise ContainerFailed(
            f"{model!r} ended without an error but wrote no predictions.",
            cause=Cause.BAD_OUTPUT,
            hint="Its log says what it did; tell the model's owner.",
        )


def has_files(ports: Ports, folder: Path) -> bool:
    """Whether there is any file below a folder."""
    return folder.is_dir() and next(ports.files.walk(folder), None) is not None


def read_results(ports: Ports, path: Path, evaluator: str) -> dict[str, JsonValue]:
    """The metrics that a container wrote. Raises: ContainerFailed."""
    try:
        return require_mapping(ports.files.read_yaml(path), "The results")
    except BadData as fault:
        raise ContainerFailed(
            f"The results of {evaluator!r} were refused: {fault.message}",
            cause=Cause.BAD_OUTPUT,
            hint=fault.hint or "Tell the benchmark's owner.",
        ) from fault
