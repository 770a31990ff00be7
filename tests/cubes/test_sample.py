"""The synthetic sample: repeatable, laid out as real data is, and good enough to learn from."""

import csv
import hashlib
import io
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from sklearn.metrics import roc_auc_score
from xray_prep.entry import main as run_prep

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/draw_sample.py"


def draw(out, *options):
    return subprocess.run(
        [sys.executable, SCRIPT, out, *map(str, options)],
        capture_output=True,
        text=True,
        check=False,
    )


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.*")
    }


def images_and_labels(folder):
    with (folder / "labels/labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["Image ID", "Label"]
    images = [np.asarray(Image.open(folder / f"images/{row['Image ID']}.png")) for row in rows]
    return np.stack(images), np.array([row["Label"] for row in rows])


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    assert (
        draw(folder / "out", "--seed", 1, "--demo-tarball", folder / "demo.tar.gz").returncode == 0
    )
    return folder


def test_it_holds_two_hundred_grey_images_of_both_classes(sample):
    images, labels = images_and_labels(sample / "out")
    assert images.shape == (200, 28, 28)
    assert images.dtype == np.uint8
    assert len(list((sample / "out/images").iterdir())) == 200
    assert sorted(zip(*np.unique(labels, return_counts=True), strict=True)) == [
        ("normal", 52),
        ("pneumonia", 148),
    ]


def test_the_same_seed_gives_the_same_bytes(sample, tmp_path):
    draw(tmp_path / "out", "--seed", 1, "--demo-tarball", tmp_path / "demo.tar.gz")
    assert contents(tmp_path / "out") == contents(sample / "out")
    assert (tmp_path / "demo.tar.gz").read_bytes() == (sample / "demo.tar.gz").read_bytes()


def test_another_seed_gives_other_images(sample, tmp_path):
    draw(tmp_path / "out", "--seed", 2)
    again = contents(tmp_path / "out")
    assert all(again[name] != digest for name, digest in contents(sample / "out").items())


def test_a_smaller_sample_leaves_nothing_of_a_larger_one(tmp_path):
    draw(tmp_path / "out", "--count", 9)
    draw(tmp_path / "out", "--count", 5)
    assert len(list((tmp_path / "out/images").iterdir())) == 5


def test_fewer_than_two_images_are_a_usage_error(tmp_path):
    assert draw(tmp_path / "out", "--count", 1).returncode == 2


def test_the_tarball_has_paths_at_its_root_and_nothing_of_this_machine(sample):
    packed = (sample / "demo.tar.gz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        members = archive.getmembers()
        paths = yaml.safe_load(archive.extractfile("paths.yaml").read())
    assert paths == {"data_path": "images", "labels_path": "labels"}
    assert [member.name for member in members] == sorted(member.name for member in members)
    assert {member.name for member in members} - {"paths.yaml"} == set(contents(sample / "out"))
    assert {(m.mtime, m.uid, m.gid, m.uname, m.mode, m.isreg()) for m in members} == {
        (0, 0, 0, "", 0o644, True)
    }
    assert packed[3:8] == b"\0" * 5


def test_the_preparation_cube_accepts_it(sample, volumes):
    volumes.parameters("prep")
    for source, folder in (("images", "raw_data"), ("labels", "raw_labels")):
        (volumes.root / folder).rmdir()
        (volumes.root / folder).symlink_to(sample / "out" / source)
    for task in ("prepare", "sanity_check", "statistics"):
        assert volumes.run(run_prep, task).code == 0


def test_the_linear_model_of_real_images_tells_the_classes_apart(sample):
    images, labels = images_and_labels(sample / "out")
    with np.load(ROOT / "cubes/chestxray_linear/additional_files/weights.npz") as weights:
        log_odds = np.tensordot(images / 255, weights["coefficients"], axes=2)
    assert roc_auc_score(labels == "pneumonia", log_odds) > 0.97


def test_the_committed_model_is_small_and_holds_sums_alone():
    path = ROOT / "scripts/sample_model/chestxray_gaussian.npz"
    assert path.stat().st_size < 300_000
    with np.load(path) as arrays:
        assert {name: arrays[name].shape for name in arrays} == {
            "mean": (28, 28),
            "components": (64, 28, 28),
            "class_means": (2, 64),
            "class_factors": (2, 64, 64),
            "class_shares": (2,),
        }
