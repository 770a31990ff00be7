"""Valid bodies, each unlike the one before where the registry asks for that."""

from itertools import count
from typing import Any

_numbers = count(1)


def cube_body(**changes: Any) -> dict[str, Any]:
    """A cube with an image hash and nothing optional."""
    number = next(_numbers)
    return {
        "name": f"cube {number}",
        "git_mlcube_url": "https://assets.test/container_config.yaml",
        "mlcube_hash": f"{number:064x}",
        "image_hash": f"sha256:{number:064x}",
        **changes,
    }


def dataset_body(preparation: int, **changes: Any) -> dict[str, Any]:
    """A dataset that has just been submitted."""
    number = next(_numbers)
    return {
        "name": f"dataset {number}",
        "description": "synthetic",
        "location": "here",
        "input_data_hash": f"{number:064x}",
        "generated_uid": f"{number:064x}",
        "split_seed": 0,
        "data_preparation_mlcube": preparation,
        "submitted_as_prepared": False,
        **changes,
    }


def benchmark_body(preparation: int, model: int, evaluator: int, **changes: Any) -> dict[str, Any]:
    """A benchmark of three cubes."""
    number = next(_numbers)
    return {
        "name": f"benchmark {number}",
        "demo_dataset_tarball_url": "https://assets.test/demo.tar.gz",
        "demo_dataset_tarball_hash": f"{number:064x}",
        "demo_dataset_generated_uid": f"{number:064x}",
        "data_preparation_mlcube": preparation,
        "reference_model_mlcube": model,
        "data_evaluator_mlcube": evaluator,
        **changes,
    }
