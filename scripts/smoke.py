"""Walks the API of a server started here, on a free port and an empty folder; needs no engine.

python scripts/smoke.py        exit code 0 when every answer was the expected one
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from medperf_api.contract.local_identity import TUTORIAL_EMAILS

# Together a minute: the server's first line, the walk, and the server's end.
START_S, WALK_S, STOP_S = 20, 30, 10
SERVER = (sys.executable, "-m", "medperf_api", "serve", "--port", "0")
ADMIN, BENCHMARK_OWNER, MODEL_OWNER, DATA_OWNER = TUTORIAL_EMAILS

_numbers = count(1)

Body = dict[str, Any]


class Surprise(Exception):
    """An answer that is not the expected one."""


class Person:
    """Somebody who calls the API and knows what it has to say."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def call(self, method: str, path: str, status: int, body: object = None, code: str = "") -> Any:
        """One request. Raises: Surprise, unless it is answered with this status and code."""
        answer = self._client.request(method, path, json=body)
        told = answer.json() if answer.content else {}
        if answer.status_code != status or (code and told.get("code") != code):
            raise Surprise(
                f"{method} {path}: wanted {status} {code}, got {answer.status_code}: {answer.text}"
            )
        print(f"{status} {method:6} {path} {code}".rstrip())
        return told

    def make(self, path: str, body: Body) -> int:
        """Create something."""
        return int(self.call("POST", path, 201, body)["id"])

    def count(self, path: str, expected: int) -> None:
        """Look at a list."""
        found = self.call("GET", path, 200)["count"]
        if found != expected:
            raise Surprise(f"{path} holds {found}, not {expected}")


def main() -> int:
    try:
        with tempfile.TemporaryDirectory() as folder:
            smoke(Path(folder))
    except (Surprise, httpx.HTTPError, OSError, subprocess.SubprocessError) as failure:
        print(f"smoke: {failure}", file=sys.stderr)
        return 1
    print("The API answers as it should.")
    return 0


def smoke(
    folder: Path,
    server: Sequence[str] = SERVER,
    start_s: float = START_S,
    walk_s: float = WALK_S,
) -> None:
    """Start, walk, stop. Raises: Surprise."""
    environment = own_environment(folder)
    with (
        served(folder, environment, server, start_s) as url,
        within(walk_s, f"the walk was not over after {walk_s} s"),
        ExitStack() as stack,
    ):
        people = {
            email: Person(stack.enter_context(client_of(url, folder, email)))
            for email in TUTORIAL_EMAILS
        }
        people[""] = Person(stack.enter_context(client_of(url)))
        people[ADMIN].call("GET", "me/", 200)
        command(folder, environment, "user", "make-admin", ADMIN)
        walk(people)


def own_environment(folder: Path) -> dict[str, str]:
    """No setting of whoever runs this reaches the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEDPERF_")}
    return {**kept, "MEDPERF_LOCAL_IDENTITY": str(folder / "identity")}


@contextmanager
def within(limit_s: float, failure: str) -> Iterator[None]:
    """Whatever is done here, waited for or not, ends in time. Raises: Surprise, with ``failure``.

    The alarm also wakes a read that has no limit of its own. One may not stand within another.
    """

    def give_up(*_: object) -> None:
        raise Surprise(f"{failure}. The server was stopped; is this machine very busy?")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def served(
    folder: Path, environment: dict[str, str], command: Sequence[str], start_s: float
) -> Iterator[str]:
    """A server's address, as long as it is needed."""
    log = folder / "server.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as server,
    ):
        try:
            assert server.stdout is not None  # noqa: S101  it was asked for
            with within(start_s, f"the server did not say its address in {start_s} s"):
                line = server.stdout.readline().strip()
            if not line.startswith("listening on "):
                raise Surprise(f"the server did not start: {log.read_text()}")
            yield line.removeprefix("listening on ")
        finally:
            server.terminate()
            try:
                server.wait(STOP_S)
            except subprocess.TimeoutExpired:
                server.kill()
    if server.returncode not in (0, -signal.SIGTERM):
        raise Surprise(f"the server ended with {server.returncode}: {log.read_text()}")


def client_of(url: str, folder: Path | None = None, email: str = "") -> httpx.Client:
    headers = {}
    if folder is not None:
        token = (folder / "identity" / "tokens" / f"{email}.jwt").read_text()
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Client(base_url=f"{url}/api/v0/", headers=headers, timeout=WALK_S)


def command(folder: Path, environment: dict[str, str], *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "medperf_api", *words],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
    )


def walk(people: dict[str, Person]) -> None:
    """What the tutorial's people do, and what they are refused."""
    nobody, admin = people[""], people[ADMIN]
    owner, modeler, hospital = (people[name] for name in (BENCHMARK_OWNER, MODEL_OWNER, DATA_OWNER))
    nobody.call("GET", "/version", 200)
    nobody.call("GET", "/health/", 200)

    cubes = [owner.make("mlcubes/", cube_body()) for _ in range(3)]
    benchmark = owner.make("benchmarks/", benchmark_body(cubes))
    admin.call("PUT", f"benchmarks/{benchmark}/", 200, {"approval_status": "APPROVED"})
    model = modeler.make("mlcubes/", cube_body())
    dataset = hospital.make("datasets/", dataset_body(cubes[0]))
    hospital.call("PUT", f"datasets/{dataset}/", 200, {"state": "OPERATION"})
    for person, noun, wanted in (
        (modeler, "mlcubes", {"model_mlcube": model}),
        (hospital, "datasets", {"dataset": dataset}),
    ):
        number = next(iter(wanted.values()))
        request = {**wanted, "benchmark": benchmark, "metadata": {}}
        approval = {"approval_status": "APPROVED"}
        person.make(f"{noun}/benchmarks/", request)
        person.call("PUT", f"{noun}/{number}/benchmarks/{benchmark}/", 400, approval, "own_request")
        owner.call("PUT", f"{noun}/{number}/benchmarks/{benchmark}/", 200, approval)
    outcome = {"benchmark": benchmark, "model": model, "dataset": dataset, "results": {"AUC": 0.9}}
    result = hospital.make("results/", outcome)
    owner.call("GET", f"results/{result}/", 200)

    for person, path, expected in (
        (owner, "mlcubes/", 4),
        (modeler, "benchmarks/", 1),
        (owner, "datasets/", 1),
        (hospital, "me/datasets/associations/", 1),
        (modeler, "me/mlcubes/associations/", 1),
        (owner, f"benchmarks/{benchmark}/results/", 1),
        (admin, "users/", 4),
    ):
        person.count(path, expected)

    nobody.call("GET", "me/", 401, code="not_authenticated")
    modeler.call("PUT", f"datasets/{dataset}/", 403, {"name": "mine"}, "not_permitted")
    admin.call("GET", "mlcubes/999999/", 404, code="not_found")
    owner.call("PATCH", f"mlcubes/{model}/", 405, {}, "method_not_allowed")
    owner.call("POST", "mlcubes/", 400, {"name": "incomplete"}, "invalid")
    admin.call("DELETE", f"mlcubes/{cubes[0]}/", 409, code="in_use")


def cube_body() -> Body:
    number = next(_numbers)
    return {
        "name": f"cube {number}",
        "git_mlcube_url": "https://assets.test/container_config.yaml",
        "mlcube_hash": f"{number:064x}",
        "image_hash": f"sha256:{number:064x}",
        "state": "OPERATION",
    }


def benchmark_body(cubes: list[int]) -> Body:
    roles = ("data_preparation_mlcube", "reference_model_mlcube", "data_evaluator_mlcube")
    return {
        "name": "benchmark",
        "demo_dataset_tarball_url": "https://assets.test/demo.tar.gz",
        "demo_dataset_tarball_hash": "0" * 64,
        "demo_dataset_generated_uid": "1" * 64,
        "state": "OPERATION",
        **dict(zip(roles, cubes, strict=True)),
    }


def dataset_body(preparation: int) -> Body:
    return {
        "name": "dataset",
        "input_data_hash": "2" * 64,
        "generated_uid": "3" * 64,
        "split_seed": 0,
        "data_preparation_mlcube": preparation,
        "submitted_as_prepared": True,
    }


if __name__ == "__main__":
    sys.exit(main())
