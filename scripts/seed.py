"""Fills a local server for a tutorial, through its public API, as the people of the tutorial would.

    python scripts/seed.py --demo benchmark    the four people, and nothing else
    python scripts/seed.py --demo model        also cubes 1 to 3 and benchmark 1, approved
    python scripts/seed.py --demo data         also cube 4, a model that benchmark 1 accepted

What is there already is left alone. Needs what scripts/build_cubes.sh makes, a server started with
`--assets build/assets` (or --assets-url), and that server's own settings: they make the admin.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel

from medperf_api.contract.associations import ModelAssociationCreate, ModelAssociationUpdate
from medperf_api.contract.benchmarks import BenchmarkCreate, BenchmarkUpdate
from medperf_api.contract.container_config import TaskName
from medperf_api.contract.cubes import CubeCreate, CubeRead
from medperf_api.contract.local_identity import TUTORIAL_EMAILS
from medperf_api.contract.states import Approval, State
from medperf_client.context import Client
from medperf_client.settings.options import GlobalOptions
from medperf_client.workflows.cubes import fetch_cube
from medperf_client.workflows.submit_dataset import data_digest
from medperf_client.workflows.tasks import run_task

PROJECT = Path(__file__).resolve().parents[1]
ASSETS = PROJECT / "build" / "assets"
DEMO_DATASET = "demo_dataset.tar.gz"
DEMO_SEED = 2

ADMIN, OWNER, MODELER, _ = PEOPLE = TUTORIAL_EMAILS
STAGES = ("benchmark", "model", "data")


def main() -> None:
    arguments = parsed()
    stage = STAGES.index(arguments.demo)
    people = {email: signed_in(arguments.server, email) for email in PEOPLE}
    server_command("user", "make-admin", ADMIN)
    assets_url = arguments.assets_url or f"{arguments.server}/assets"
    seeded = answer(lambda: people[ADMIN].get("/mlcubes/", params={"limit": 1}))["count"]
    if stage >= 1 and seeded < 3:
        seed_benchmark(people, assets_url)
    if stage >= 2 and seeded < 4:
        seed_model(people, assets_url)
    print(f"The server is ready for the {arguments.demo} owner's tutorial.")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--demo", choices=STAGES, required=True, help="whose tutorial")
    parser.add_argument("--server", default="http://127.0.0.1:8000", help="default: %(default)s")
    parser.add_argument("--assets-url", help="where build/assets is served (SERVER/assets)")
    return parser.parse_args()


def server_command(*words: str) -> str:
    """What a command of medperf-server prints; it shares the server's settings, not its process."""
    command = [Path(sys.executable).with_name("medperf-server"), *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise SystemExit(f"medperf-server {' '.join(words)} failed: {ended.stderr.strip()}")
    return ended.stdout.strip()


def signed_in(server: str, email: str) -> httpx.Client:
    """The API as one person, who becomes a user by the first call."""
    token = server_command("token", "mint", email).splitlines()[-1]
    client = httpx.Client(
        base_url=f"{server}/api/v0", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    answer(lambda: client.get("/me/"))
    return client


def seed_benchmark(people: dict[str, httpx.Client], assets_url: str) -> None:
    """Cubes 1 to 3, benchmark 1 and the admin's approval."""
    owner = people[OWNER]
    folders = ("chestxray_prep", "chestxray_linear", "chestxray_metrics")
    preparation, reference, metrics = (
        create(owner, "/mlcubes/", cube(folder, assets_url)) for folder in folders
    )
    demo = demo_dataset()
    benchmark = create(
        owner,
        "/benchmarks/",
        BenchmarkCreate(
            name="chestxray",
            description="Pneumonia in chest X-rays",
            demo_dataset_tarball_url=f"{assets_url}/{DEMO_DATASET}",
            demo_dataset_tarball_hash=sha256(demo),
            demo_dataset_generated_uid=prepared_digest(owner, preparation, demo),
            data_preparation_mlcube=preparation,
            reference_model_mlcube=reference,
            data_evaluator_mlcube=metrics,
            state=State.OPERATION,
        ),
    )
    approval = BenchmarkUpdate(approval_status=Approval.APPROVED)
    change(people[ADMIN], f"/benchmarks/{benchmark}/", approval)


def seed_model(people: dict[str, httpx.Client], assets_url: str) -> None:
    """Cube 4, a second model, which the benchmark's owner accepts."""
    model = create(people[MODELER], "/mlcubes/", cube("chestxray_cnn", assets_url))
    request = ModelAssociationCreate(model_mlcube=model, benchmark=1, metadata={})
    create(people[MODELER], "/mlcubes/benchmarks/", request)
    approval = ModelAssociationUpdate(approval_status=Approval.APPROVED)
    change(people[OWNER], f"/mlcubes/{model}/benchmarks/1/", approval)


def cube(folder: str, assets_url: str) -> CubeCreate:
    """The registration of a cube as scripts/build_cubes.sh laid it out."""
    home, url = ASSETS / folder, f"{assets_url}/{folder}"
    if not (home / "image_hash").is_file():
        raise SystemExit("The containers are not built yet: run scripts/build_cubes.sh first.")
    tarball = home / "additional_files.tar.gz"
    return CubeCreate(
        name=folder,
        git_mlcube_url=f"{url}/container_config.yaml",
        mlcube_hash=sha256(home / "container_config.yaml"),
        git_parameters_url=f"{url}/parameters.yaml",
        parameters_hash=sha256(home / "parameters.yaml"),
        additional_files_tarball_url=f"{url}/{tarball.name}" if tarball.is_file() else "",
        additional_files_tarball_hash=sha256(tarball) if tarball.is_file() else "",
        image_hash=(home / "image_hash").read_text().strip(),
        state=State.OPERATION,
    )


def demo_dataset() -> Path:
    """The synthetic demo dataset among the assets, drawn with a seed of its own."""
    tarball = ASSETS / DEMO_DATASET
    with tempfile.TemporaryDirectory() as folder:
        draw = [sys.executable, PROJECT / "scripts" / "draw_sample.py", folder]
        options = ["--count", "100", "--seed", str(DEMO_SEED), "--demo-tarball", tarball]
        subprocess.run([*draw, *options], check=True, capture_output=True)
    return tarball


def prepared_digest(owner: httpx.Client, preparation: int, tarball: Path) -> str:
    """The demo dataset's id: its digest after the preparation cube, as every client finds it."""
    registered = CubeRead.model_validate(answer(lambda: owner.get(f"/mlcubes/{preparation}/")))
    ports = Client.from_environment(GlobalOptions()).ports
    with ports.workspace.scratch() as scratch:
        raw, made = scratch / "raw", scratch / "made"
        ports.assets.extract(tarball, raw)
        made.mkdir()
        mounts = {
            "data_path": raw / "images",
            "labels_path": raw / "labels",
            "output_path": made / "data",
            "output_labels_path": made / "labels",
        }
        with ports.reporter.step("Prepare the demo dataset") as step:
            cube = fetch_cube(ports, registered)
            run_task(ports, cube, TaskName.PREPARE, mounts, "demo", step)
        return data_digest(ports, made / "data", made / "labels", "prepared")


def sha256(path: Path) -> str:
    with path.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def create(client: httpx.Client, path: str, body: BaseModel) -> int:
    made = answer(lambda: client.post(path, json=body.model_dump(mode="json")))
    return int(made["id"])


def change(client: httpx.Client, path: str, body: BaseModel) -> None:
    answer(lambda: client.put(path, json=body.model_dump(mode="json", exclude_unset=True)))


def answer(send: Callable[[], httpx.Response]) -> Any:
    """The body of a successful answer; anything else ends the script with what the server said."""
    try:
        reply = send()
    except httpx.TransportError as failure:
        raise SystemExit(f"No server answers: {failure}. Start it first.") from failure
    if reply.is_error:
        raise SystemExit(f"{reply.request.method} {reply.request.url} was refused: {reply.text}")
    return reply.json()


if __name__ == "__main__":
    main()
