"""The task `infer`: prepared cases in, one probability of pneumonia a case out."""

from pathlib import Path

import numpy as np

from .cases import batches, case_ids, write_predictions
from .console import Console
from .model import read_model
from .parameters import read_parameters


def run(volumes: Path, console: Console) -> None:
    """Raises: BadInput, when the parameters, the weights or a case cannot be used."""
    size, batch = read_parameters(volumes)
    model = read_model(volumes / "additional_files", size)
    ids = case_ids(volumes / "data")
    console.info(f"scoring {len(ids)} cases")
    scores: list[float] = []
    for pixels in batches(volumes / "data", ids, batch, size):
        scores.extend(model(pixels))
        console.progress("scored", len(scores), len(ids), step=len(pixels))
    write_predictions(volumes / "predictions", ids, np.array(scores))
    console.info(f"scored {len(ids)} cases")
