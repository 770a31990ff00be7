"""The task `sanity_check`: is what lies in the two folders really a prepared dataset?"""

from collections.abc import Iterable
from pathlib import Path

from .cases import SUFFIX, files_in, read_case, why_unusable
from .console import Console, refuse_if_any
from .labels import read_labels
from .parameters import read_parameters


def run(volumes: Path, console: Console) -> None:
    """Raises: BadInput, naming each item that is missing, duplicate, unreadable or wrong."""
    parameters = read_parameters(volumes)
    data = volumes / "data"
    labels, problems = read_labels(volumes / "labels", parameters.classes)
    files = files_in(data)
    problems += _mismatches(files, labels)
    console.info(f"checking {len(files)} prepared cases")
    present = [name.removesuffix(SUFFIX) for name in files if name.endswith(SUFFIX)]
    problems += _unusable(data, present, parameters.image_size, console)
    refuse_if_any(problems, "prepared data")
    console.info(f"all {len(labels)} cases are sound")


def _mismatches(files: list[str], labels: Iterable[str]) -> Iterable[str]:
    wanted = {f"{image_id}{SUFFIX}" for image_id in labels}
    for name in sorted(wanted.difference(files)):
        yield f"case {name!r} is missing"
    for name in files:
        if name not in wanted:
            yield f"file {name!r} has no row in the labels"


def _unusable(data: Path, image_ids: list[str], size: int, console: Console) -> Iterable[str]:
    """The problem of each case that cannot be used; equal images are only remarked upon.

    Real collections hold the same image twice now and then, so that is no reason to refuse one.
    """
    first_of: dict[bytes, str] = {}
    for done, image_id in enumerate(image_ids, start=1):
        console.progress("checked", done, len(image_ids))
        try:
            pixels = read_case(data, image_id)
        except (OSError, ValueError, EOFError):
            yield f"case {image_id + SUFFIX!r} is unreadable"
            continue
        if problem := why_unusable(pixels, size):
            yield f"case {image_id + SUFFIX!r} {problem}"
        earlier = first_of.setdefault(pixels.tobytes(), image_id)
        if earlier != image_id:
            console.warning(f"{image_id!r} has exactly the pixels of {earlier!r}")
