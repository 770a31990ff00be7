"""One chest X-ray file to one square array of intensities."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

# Where pillow begins to warn of images that are small as files and huge in memory.
LARGEST_PIXELS = 89_478_485
TOO_LARGE = (Image.DecompressionBombWarning, Image.DecompressionBombError)


class BadImage(Exception):
    """The file cannot be prepared; the message says why."""


def read_xray(path: Path, size: int) -> NDArray[np.float32]:
    """The middle square of an 8-bit grey PNG, size x size, black 0 and white 1, float32.

    The square is as long as the image's short side, as in MedMNIST v2 (Yang et al., Scientific
    Data 10:41, 2023); shrinking averages over all pixels (a triangle filter), and an image that
    already has the size keeps its values. Raises: BadImage.
    """
    # Opening anything else, such as a pipe, could wait for ever.
    if not path.is_file():
        raise BadImage("is no file")
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
            return _read(path, size)
    except UnidentifiedImageError as error:
        raise BadImage("is no PNG image") from error
    except PermissionError as error:
        raise BadImage("may not be read") from error
    except TOO_LARGE as error:
        raise BadImage(f"has more than {LARGEST_PIXELS} pixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise BadImage("is a damaged PNG image") from error


def _read(path: Path, size: int) -> NDArray[np.float32]:
    with Image.open(path, formats=["PNG"]) as image:
        if image.mode != "L":
            raise BadImage(f"is no 8-bit grey image (its mode is {image.mode})")
        image.load()
        return _to_square(image, size)


def _to_square(image: Image.Image, size: int) -> NDArray[np.float32]:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    # In floats, because an 8-bit image would be rounded to 256 levels once more.
    small = image.convert("F").resize((size, size), Image.Resampling.BILINEAR, box=box)
    pixels = np.asarray(small, dtype=np.float32) / np.float32(255)
    return np.clip(pixels, 0, 1)
