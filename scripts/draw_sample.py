"""Draws synthetic chest X-rays, laid out as a data owner holds real ones.

    OUT/images/<Image ID>.png      28 x 28, 8-bit grey
    OUT/labels/labels.csv          Image ID,Label

No image is a patient's. The same seed gives the same bytes with the same versions of numpy and
pillow, which are all that this needs.
"""

import argparse
import csv
import gzip
import io
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MODEL = Path(__file__).resolve().parent / "sample_model" / "chestxray_gaussian.npz"
CLASS_NAMES = ("normal", "pneumonia")
PATHS = b"data_path: images\nlabels_path: labels\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to fill")
    parser.add_argument("--count", type=at_least_two, default=200, help="images to draw (200)")
    parser.add_argument("--seed", type=int, default=1, help="which sample to draw (1)")
    parser.add_argument(
        "--demo-tarball", type=Path, metavar="FILE", help="pack it as a .tar.gz too"
    )
    arguments = parser.parse_args()
    images, labels = draw(arguments.count, arguments.seed)
    files = as_files(images, labels)
    lay_out(files, arguments.out)
    if arguments.demo_tarball:
        arguments.demo_tarball.parent.mkdir(parents=True, exist_ok=True)
        arguments.demo_tarball.write_bytes(tarball({"paths.yaml": PATHS, **files}))
    print(f"{len(images)} synthetic images written to {arguments.out}")


def at_least_two(text: str) -> int:
    """A count that leaves room for both classes."""
    count = int(text)
    if count < 2:
        raise argparse.ArgumentTypeError("at least 2")
    return count


def draw(
    count: int, seed: int, model: Path = MODEL
) -> tuple[NDArray[np.uint8], NDArray[np.integer]]:
    """Images (count, 28, 28) and labels (count), 1 for pneumonia, shares as in the real images."""
    random = np.random.default_rng(seed)
    with np.load(model) as arrays:
        ill = min(max(round(count * float(arrays["class_shares"][1])), 1), count - 1)
        labels = random.permutation(np.arange(count) < ill).astype(np.int64)
        noise = random.standard_normal((count, len(arrays["components"])))
        coefficients = arrays["class_means"][labels] + np.einsum(
            "nij,nj->ni", arrays["class_factors"][labels], noise
        )
        pixels = arrays["mean"] + np.tensordot(
            coefficients, arrays["components"].astype(np.float64), axes=1
        )
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8), labels


def as_files(images: NDArray[np.uint8], labels: NDArray[np.integer]) -> dict[str, bytes]:
    """Path below the folder and content of each file."""
    files: dict[str, bytes] = {}
    table = io.StringIO(newline="")
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["Image ID", "Label"])
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        image_id = f"sample_{number:05d}"
        encoded = io.BytesIO()
        Image.fromarray(image).save(encoded, format="PNG")
        files[f"images/{image_id}.png"] = encoded.getvalue()
        rows.writerow([image_id, CLASS_NAMES[label]])
    return {**files, "labels/labels.csv": table.getvalue().encode()}


def lay_out(files: dict[str, bytes], out: Path) -> None:
    for folder in ("images", "labels"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    # A larger sample drawn here before would leave images that have no label now.
    for stale in (out / "images").glob("sample_*.png"):
        stale.unlink()
    for name, content in files.items():
        (out / name).write_bytes(content)


def tarball(files: dict[str, bytes]) -> bytes:
    """A .tar.gz whose bytes depend on the files alone."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(files[name]), 0o644
            archive.addfile(member, io.BytesIO(files[name]))
    return packed.getvalue()


if __name__ == "__main__":
    main()
