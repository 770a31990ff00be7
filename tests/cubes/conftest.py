"""Lets tests run the cubes outside a container: their packages, and folders like their mounts."""

import csv
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
CUBES = ROOT / "cubes"
for cube in ("prep", "linear", "cnn", "metrics"):
    sys.path.append(str(CUBES / f"chestxray_{cube}"))

Main = Callable[[list[str], Path], int]


class Outcome(NamedTuple):
    """What a task came to."""

    code: int
    out: str
    err: str


class Volumes:
    """A folder laid out as a container sees /mlcommons/volumes."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture
        for folder in (
            "raw_data", "raw_labels", "data", "labels", "statistics", "predictions", "results",
            "parameters", "additional_files",
        ):  # fmt: skip
            (root / folder).mkdir()

    def parameters(self, cube: str, **changes: object) -> None:
        settings = yaml.safe_load((CUBES / f"chestxray_{cube}/parameters.yaml").read_text())
        (self.root / "parameters/parameters.yaml").write_text(yaml.safe_dump(settings | changes))

    def additional_files(self, cube: str) -> None:
        source = CUBES / f"chestxray_{cube}/additional_files"
        shutil.copytree(source, self.root / "additional_files", dirs_exist_ok=True)

    def raw(self, images: Mapping[str, NDArray[np.uint8]], labels: Mapping[str, str]) -> None:
        for name, pixels in images.items():
            Image.fromarray(pixels).save(self.root / f"raw_data/{name}.png")
        self.table("raw_labels/labels.csv", ["Image ID", "Label"], labels.items())

    def prepared(self, cases: Mapping[str, NDArray[np.float32]], labels: Mapping[str, str]) -> None:
        for name, pixels in cases.items():
            np.save(self.root / f"data/{name}.npy", pixels)
        self.table("labels/labels.csv", ["Image ID", "Label"], labels.items())

    def predicted(self, predictions: Mapping[str, object]) -> None:
        self.table("predictions/predictions.csv", ["Image ID", "pneumonia"], predictions.items())

    def table(self, name: str, header: list[str], rows: Iterable[Iterable[object]]) -> None:
        with (self.root / name).open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    def run(self, main: Main, task: str) -> Outcome:
        self._capture.readouterr()
        code = main([task], self.root)
        return Outcome(code, *self._capture.readouterr())


@pytest.fixture
def volumes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Volumes:
    monkeypatch.delenv("MEDPERF_LOGLEVEL", raising=False)
    root = tmp_path / "volumes"
    root.mkdir()
    return Volumes(root, capsys)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def real_split() -> Callable[[str], tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Images and labels of a split of the real chest X-rays, or a skip where they are not."""
    folder = Path(os.environ.get("MEDPERF_REAL_DATA", ROOT.parent / "shared/data"))
    if not (folder / "pneumoniamnist.npz").is_file():
        pytest.skip("the real chest X-rays are not here (MEDPERF_REAL_DATA names their folder)")

    def read(split: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        with np.load(folder / "pneumoniamnist.npz") as arrays:
            return arrays[f"{split}_images"], arrays[f"{split}_labels"].ravel()

    return read
