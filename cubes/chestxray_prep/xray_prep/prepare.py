"""The task `prepare`: raw images and labels in, one array a case and clean labels out."""

from collections.abc import Iterable
from pathlib import Path

from .cases import SUFFIX, files_in, write_case
from .console import Console, refuse_if_any
from .images import BadImage, read_xray
from .labels import FILE as LABELS_FILE
from .labels import read_labels, write_labels
from .parameters import read_parameters

IMAGE_SUFFIX = ".png"


def run(volumes: Path, console: Console) -> None:
    """Raises: BadInput, naming the files and rows that cannot be prepared."""
    parameters = read_parameters(volumes)
    raw, data, labels_out = volumes / "raw_data", volumes / "data", volumes / "labels"
    labels, problems = read_labels(volumes / "raw_labels", parameters.classes)
    refuse_if_any([*problems, *_mismatches(files_in(raw), labels)], "raw data")

    console.info(f"preparing {len(labels)} images")
    _remove_earlier(data, labels_out)
    refuse_if_any(
        list(_convert(raw, data, sorted(labels), parameters.image_size, console)), "raw data"
    )
    # Last, so that a run cut short leaves no labels and cannot pass for a whole one.
    write_labels(labels_out, {image_id: labels[image_id] for image_id in sorted(labels)})
    console.info(f"prepared {len(labels)} images")


def _mismatches(files: list[str], labels: Iterable[str]) -> Iterable[str]:
    wanted = {f"{image_id}{IMAGE_SUFFIX}" for image_id in labels}
    for name in files:
        if not name.endswith(IMAGE_SUFFIX):
            yield f"file {name!r} is not named <Image ID>{IMAGE_SUFFIX}"
        elif name not in wanted:
            yield f"image {name!r} has no row in {LABELS_FILE}"
    for name in sorted(wanted.difference(files)):
        yield f"{LABELS_FILE} names the image {name!r}, which is missing"


def _remove_earlier(data: Path, labels_out: Path) -> None:
    for stale in data.glob(f"*{SUFFIX}"):
        stale.unlink()
    (labels_out / LABELS_FILE).unlink(missing_ok=True)


def _convert(
    raw: Path, data: Path, image_ids: list[str], size: int, console: Console
) -> Iterable[str]:
    """Write each case, yielding the problem of each image that cannot be one."""
    for done, image_id in enumerate(image_ids, start=1):
        name = f"{image_id}{IMAGE_SUFFIX}"
        try:
            write_case(data, image_id, read_xray(raw / name, size))
        except BadImage as problem:
            yield f"image {name!r} {problem}"
        console.progress("prepared", done, len(image_ids))
