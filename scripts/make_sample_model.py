"""Makes the small statistical model that synthetic chest X-rays are drawn from.

The training split's images are described by 64 principal components; each class is a Gaussian over
their coefficients (Tipping and Bishop, Journal of the Royal Statistical Society B 61:611, 1999, is
the model with one class). What is written is sums over thousands of images and no image.

Requires numpy.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

OUT = Path(__file__).resolve().parent / "sample_model" / "chestxray_gaussian.npz"
COMPONENTS = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("npz", type=Path, help="pneumoniamnist.npz of MedMNIST v2")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    with np.load(arguments.npz) as arrays:
        images, labels = arrays["train_images"], arrays["train_labels"].ravel()
    model = fit(images, labels)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(arguments.out, **model)
    print(f"{arguments.out.stat().st_size} bytes from {len(images)} images")


def fit(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], components: int = COMPONENTS
) -> dict[str, NDArray[np.generic]]:
    """The arrays of the model, from images (n, h, w) and labels (n), 0 normal and 1 pneumonia."""
    pixels = images.reshape(len(images), -1).astype(np.float64)
    mean = pixels.mean(axis=0)
    axes = principal_axes(pixels - mean, components)
    coefficients = (pixels - mean) @ axes.T
    classes = [coefficients[labels == label] for label in (0, 1)]
    return {
        "mean": mean.reshape(images.shape[1:]).astype(np.float32),
        "components": axes.reshape(components, *images.shape[1:]).astype(np.float16),
        "class_means": np.stack([group.mean(axis=0) for group in classes]).astype(np.float32),
        "class_factors": np.stack(
            [np.linalg.cholesky(np.cov(group, rowvar=False)) for group in classes]
        ).astype(np.float32),
        "class_shares": np.array([len(group) / len(images) for group in classes]),
    }


def principal_axes(centred: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Unit vectors (count, pixels) along which the images vary most, strongest first."""
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :count].T
    # An axis and its opposite serve alike; the sign is fixed so that each run writes the same.
    strongest = np.abs(axes).argmax(axis=1)
    return axes * np.sign(axes[np.arange(count), strongest])[:, None]


if __name__ == "__main__":
    main()
