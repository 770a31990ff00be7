"""Cubes that do their task badly, registered through the API by the people of the tutorial."""

import hashlib
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.running import ASSETS, Site

LINEAR = ASSETS / "chestxray_linear" / "image_hash"
IMAGE = "medperf/chestxray-linear:0.1"
OWNER, MODELER, ADMIN = "testbo@example.com", "testmo@example.com", "testadmin@example.com"

_FOLDER = {"type": "directory"}
TASKS: dict[str, dict[str, Any]] = {
    "infer": {
        "input_volumes": {"data_path": {"mount_path": "/in", **_FOLDER}},
        "output_volumes": {"output_path": {"mount_path": "/out", **_FOLDER}},
    },
    "evaluate": {
        "input_volumes": {
            "predictions": {"mount_path": "/predictions", **_FOLDER},
            "labels": {"mount_path": "/labels", **_FOLDER},
        },
        "output_volumes": {"output_path": {"mount_path": "/results.yaml", "type": "file"}},
    },
}


def register_cube(site: Site, name: str, task: str, code: str) -> int:
    """A cube whose ``task`` runs a line of Python; its id."""
    config = {
        "container_type": "DockerImage",
        "image": IMAGE,
        "tasks": {task: {"run_args": {"entrypoint": ["python3", "-c", code], "command": []}}},
    }
    config["tasks"][task] |= TASKS[task]
    file = site.home / "cubes" / f"{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(config))
    body = {
        "name": name,
        "git_mlcube_url": f"file://{file}",
        "mlcube_hash": hashlib.sha256(file.read_bytes()).hexdigest(),
        "image_hash": LINEAR.read_text().strip(),
        "state": "OPERATION",
    }
    with site.as_user(MODELER if task == "infer" else OWNER) as author:
        return int(author.post("/mlcubes/", json=body).raise_for_status().json()["id"])


def register_model(site: Site, name: str, code: str) -> int:
    """A model that benchmark 1 accepted; its id."""
    model = register_cube(site, name, "infer", code)
    with site.as_user(MODELER) as author, site.as_user(OWNER) as owner:
        request = {"model_mlcube": model, "benchmark": 1, "metadata": {}}
        author.post("/mlcubes/benchmarks/", json=request).raise_for_status()
        owner.put(
            f"/mlcubes/{model}/benchmarks/1/", json={"approval_status": "APPROVED"}
        ).raise_for_status()
    return model


def register_benchmark(site: Site, evaluator: int) -> int:
    """A benchmark like number 1, with other metrics, approved; its id."""
    with site.as_user(OWNER) as owner, site.as_user(ADMIN) as admin:
        like = owner.get("/benchmarks/1/").json()
        kept = {
            key: like[key]
            for key in like
            if key.startswith("demo_") or key.endswith("_mlcube") or key == "state"
        }
        body = {**kept, "name": f"other {evaluator}", "data_evaluator_mlcube": evaluator}
        benchmark = int(owner.post("/benchmarks/", json=body).raise_for_status().json()["id"])
        admin.put(
            f"/benchmarks/{benchmark}/", json={"approval_status": "APPROVED"}
        ).raise_for_status()
    return benchmark


def lose_root_rights(command: list[str | Path]) -> list[str | Path]:
    """The command without the right to read what permissions forbid, which root has."""
    rights = "-dac_override,-dac_read_search"
    if sys.platform != "linux":
        return command
    return ["setpriv", f"--inh-caps={rights}", f"--bounding-set={rights}", *command]
