"""`container run_test`: an author's own container, in the real engine and without a server."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.e2e.running import PROJECT, Ended, Site, containers, require
from tests.e2e.starters import Starters, docker

pytestmark = pytest.mark.engine

USAGE, CONTAINER, BAD_DATA = 2, 5, 6


@pytest.fixture
def alone(tmp_path: Path) -> Site:
    """A machine whose profile names a server that is not there."""
    site = Site(tmp_path)
    require(site.medperf("profile", "set", "--server", "http://127.0.0.1:9"))
    return site


def run_test(site: Site, container: Path, task: str, *more: str, **mounts: Path) -> Ended:
    given = ",".join(f"{label}={path}" for label, path in mounts.items())
    return site.medperf(
        "container", "run_test", "-m", container, "-t", task, "--mounts", given, *more
    )


def test_each_task_of_the_starters_runs_by_itself(alone: Site, starters: Starters) -> None:
    demo, made = starters.preparator / "demo_dataset", alone.home
    require(
        run_test(
            alone, starters.preparator, "prepare", data_path=demo / "data",
            labels_path=demo / "labels", output_path=made / "data",
            output_labels_path=made / "labels",
        )
    )  # fmt: skip
    prepared = {"data_path": made / "data", "labels_path": made / "labels"}
    require(run_test(alone, starters.preparator, "sanity_check", **prepared))
    require(
        run_test(
            alone, starters.preparator, "statistics", **prepared, output_path=made / "statistics"
        )
    )
    require(
        run_test(
            alone, starters.model, "infer", data_path=made / "data", output_path=made / "predicted"
        )
    )
    require(
        run_test(
            alone, starters.evaluator, "evaluate", predictions=made / "predicted",
            labels=made / "labels", output_path=made / "results",
        )
    )  # fmt: skip

    assert json.loads((made / "statistics").read_text())["cases"] == 20
    results = json.loads((made / "results").read_text())
    assert results["cases"] == 20
    assert 0.5 < results["accuracy"] <= 1


def scripted(folder: Path, starters: Starters, code: str) -> Path:
    """A container whose task infer runs a line of Python."""
    folder.mkdir()
    config = yaml.safe_load((starters.model / "container_config.yaml").read_text())
    task = config["tasks"]["infer"]
    task["run_args"] = {"entrypoint": ["python3", "-c", code], "command": []}
    task["input_volumes"] = {"data_path": task["input_volumes"]["data_path"]}
    (folder / "container_config.yaml").write_text(yaml.safe_dump(config))
    (folder / "in").mkdir()
    return folder


def mounts(folder: Path) -> dict[str, Path]:
    return {"data_path": folder / "in", "output_path": folder / "out"}


def test_the_environment_is_given_and_the_log_kept(alone: Site, starters: Starters) -> None:
    folder = scripted(
        alone.home / "x", starters, "import os; print(os.environ['A'] + '|' + os.environ['B'])"
    )
    log = alone.home / "kept.log"

    require(run_test(alone, folder, "infer", "-e", "A=1,2,B=x=y", "-o", str(log), **mounts(folder)))

    assert log.read_text() == "1,2|x=y\n"


@pytest.mark.parametrize(
    ("code", "more", "told"),
    [
        ("raise SystemExit('cannot go on')", (), "cannot go on"),
        ("import time; time.sleep(600)", ("--timeout", "1"), "time limit of 1 s"),
    ],
)
def test_a_container_that_fails_is_told_with_its_last_words(
    alone: Site, starters: Starters, code: str, more: tuple[str, ...], told: str
) -> None:
    folder = scripted(alone.home / "x", starters, code)

    ended = require(run_test(alone, folder, "infer", *more, **mounts(folder)), CONTAINER)

    assert told in ended.said
    assert "Nothing left this machine" in ended.said


@pytest.mark.parametrize("allowed", [False, True])
def test_the_network_is_there_only_where_it_was_asked_for(
    alone: Site, starters: Starters, allowed: bool
) -> None:
    code = (
        "import os,time\nwhile not os.path.exists('/mlcommons/volumes/data/end'): time.sleep(.05)"
    )
    folder = scripted(alone.home / "y", starters, code)
    given = ",".join(f"{label}={path}" for label, path in mounts(folder).items())
    words = ("container", "run_test", "-m", str(folder), "-t", "infer", "--mounts", given)
    client = alone.start("medperf", *words, *(("--allow_network",) if allowed else ()))
    labels = {"org.medperf.run": "try", "org.medperf.owner.pid": str(client.pid)}
    alone.when_running(labels)
    (container,) = containers(labels)

    host = json.loads(docker("inspect", "--format", "{{json .HostConfig}}", container))
    (folder / "in" / "end").touch()
    _, said = client.communicate(timeout=60)

    assert client.returncode == 0, said
    assert host["NetworkMode"] == ("default" if allowed else "none")
    assert host["CapDrop"] == ["ALL"]
    assert host["ReadonlyRootfs"] is True
    assert ("THE NETWORK IS OPEN" in said) == allowed


def test_no_other_command_opens_the_network() -> None:
    opened = {
        (path.name, given)
        for path in (PROJECT / "medperf_client" / "commands").glob("*.py")
        for given in re.findall(r"open_network=(\w+)", path.read_text())
    }

    assert opened == {("container.py", "allow_network"), ("current.py", "open_network")}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--mounts", "data_path"), USAGE, "--mounts"),
        (("--mounts", "labels=/tmp"), USAGE, "labels"),
        (("--mounts", "data_path=/no/such,output_path=/tmp/x"), BAD_DATA, "/no/such"),
        (("--env", "=x"), USAGE, "--env"),
        (("--timeout", "0"), USAGE, "timeout"),
        (("-t", "train"), USAGE, "train"),
        (("-m", "/no/container"), BAD_DATA, "/no/container"),
    ],
)
def test_what_cannot_be_meant_is_told(
    alone: Site, starters: Starters, words: tuple[str, ...], code: int, told: str
) -> None:
    ended = require(
        alone.medperf("container", "run_test", "-m", starters.model, "-t", "infer", *words), code
    )

    assert told in ended.said
    assert "Traceback" not in ended.said
