"""`test run` in all its forms, with real containers: what it takes, what it keeps, whom it asks."""

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.running import BIN, Ended, Site, require
from tests.e2e.starters import Starters, build, docker, packed
from tests.e2e.test_container_submit import submit

pytestmark = pytest.mark.engine

USAGE, REFUSED, CONTAINER, BAD_DATA = 2, 3, 5, 6


@pytest.fixture
def alone(tmp_path: Path) -> Site:
    """A machine whose profile names a server that is not there."""
    site = Site(tmp_path / "alone")
    site.home.mkdir()
    require(site.medperf("profile", "set", "--server", "http://127.0.0.1:9"))
    return site


@pytest.fixture
def mine(starters: Starters, tmp_path: Path) -> Starters:
    """Copies of the starters that a test may spoil; the images are everybody's."""
    shutil.copytree(starters.home, tmp_path / "mine")
    return Starters(tmp_path / "mine", starters.prefix)


def containers(starters: Starters) -> tuple[str, ...]:
    return (
        "-p", str(starters.preparator), "-m", str(starters.model), "-e", str(starters.evaluator),
    )  # fmt: skip


def folders(starters: Starters) -> tuple[str, ...]:
    demo = starters.preparator / "demo_dataset"
    return "--data_path", str(demo / "data"), "--labels_path", str(demo / "labels")


def tried(site: Site, *words: str, code: int = 0) -> Ended:
    return require(site.medperf("--json", "test", "run", *words), code)


# Refuses every connection that is none to the engine, and says so; runs the command otherwise.
GUARDED = """
import sys
tried = []
def watch(event, arguments):
    if event in {"socket.getaddrinfo", "socket.gethostbyname"} or (
        event == "socket.connect" and not isinstance(arguments[1], (str, bytes))
    ):
        tried.append(event)
        raise RuntimeError("a socket was opened")
sys.addaudithook(watch)
from medperf_client.app import main
code = main(sys.argv[1:])
print("TRIED", tried, file=sys.stderr)
sys.exit(code)
"""


def guarded(site: Site, *words: str) -> Ended:
    ended = site.run(BIN / "python", "-c", GUARDED, *words)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def test_the_starters_pass_as_they_come_and_offline_opens_no_socket(
    alone: Site, starters: Starters
) -> None:
    words = ("--json", "test", "run", *containers(starters))

    ended = require(guarded(alone, *words, "--demo_dataset_url", str(starters.demo), "--offline"))

    report = ended.json()
    assert "TRIED []" in ended.err
    assert report["results"]["cases"] == 20
    assert 0.5 < report["results"]["accuracy"] <= 1
    assert report["statistics"]["cases"] == 20
    assert report["from_cache"] is False
    listed = require(alone.medperf("test", "ls")).out
    assert report["name"] in listed
    assert "demo dataset" in listed
    viewed = require(alone.medperf("test", "view", report["name"], "-f", "json")).json()
    assert viewed["results"] == report["results"]


def test_the_guard_sees_a_socket(shared: Site) -> None:
    ended = guarded(shared, "benchmark", "ls")

    assert ended.code != 0
    assert "TRIED ['socket" in ended.err


def test_people_see_the_results(alone: Site, starters: Starters) -> None:
    ended = require(alone.medperf("test", "run", *containers(starters), *folders(starters)))

    assert "accuracy: " in ended.out
    assert "Nothing left" not in ended.out


def test_a_report_is_taken_again_only_while_every_input_is_the_same(
    alone: Site, mine: Starters
) -> None:
    def again(*more: str) -> tuple[str, bool]:
        report = tried(alone, *containers(mine), *folders(mine), *more).json()
        return report["name"], report["from_cache"]

    first = again()
    assert again() == (first[0], True)
    assert again("--no-cache") == first
    names = {first[0]}
    for change in (
        mine.model / "parameters.yaml",
        mine.model / "additional_files" / "weights.json",
        mine.evaluator / "parameters.yaml",
        mine.preparator / "parameters.yaml",
        mine.evaluator / "container_config.yaml",
        mine.preparator / "demo_dataset" / "data" / "cases.csv",
    ):
        # A blank line changes the file and nothing that it says.
        change.write_text(change.read_text() + "\n")
        name, from_cache = again()
        assert not from_cache, change
        names.add(name)
    assert again("--skip-demo-data-preparation")[1] is False
    assert len(names) == 7


def test_another_image_of_the_same_name_is_another_test(alone: Site, mine: Starters) -> None:
    image = f"{mine.prefix}/changing:1"
    config = mine.model / "container_config.yaml"
    config.write_text(config.read_text().replace(mine.image("model"), image))
    try:
        build(mine.model, image)
        first = tried(alone, *containers(mine), *folders(mine)).json()
        (mine.model / "main.py").write_text((mine.model / "main.py").read_text() + "\n# more\n")
        build(mine.model, image)
        second = tried(alone, *containers(mine), *folders(mine)).json()
    finally:
        docker("rmi", image)

    assert second["from_cache"] is False
    assert [key for key in first["inputs"] if first["inputs"][key] != second["inputs"][key]] == [
        "model.image"
    ]


def test_data_that_is_prepared_already_is_not_prepared_again(
    alone: Site, starters: Starters
) -> None:
    words = ("-m", str(starters.model), "-e", str(starters.evaluator), *folders(starters))

    without = tried(alone, *words, "--skip-demo-data-preparation").json()
    checked = tried(alone, *words, "-p", str(starters.preparator), "--skip-demo-data-preparation")

    assert without["results"]["cases"] == 20
    assert without["statistics"] == {}
    assert checked.json()["statistics"]["cases"] == 20
    assert "Prepare the data" not in checked.err


def test_a_benchmark_brings_its_containers_and_its_demo_dataset(shared: Site) -> None:
    reference = tried(shared, "-b", "1").json()
    second = tried(shared, "-b", "1", "-m", "4").json()

    assert (reference["data_preparator"], reference["model"], reference["evaluator"]) == (
        "1", "2", "3",
    )  # fmt: skip
    assert second["model"] == "4"
    assert 0 < second["results"]["metrics"]["auc"]["estimate"] <= 1
    assert second["prepared_digest"] == reference["prepared_digest"]
    with shared.as_user("testbo@example.com") as owner:
        benchmark = owner.get("/benchmarks/1/").json()
    assert reference["prepared_digest"] == benchmark["demo_dataset_generated_uid"]


def test_what_was_tested_once_can_be_tested_offline(site: Site) -> None:
    online = tried(site, "-b", "1").json()
    site.stop_server()

    ended = require(guarded(site, "--json", "test", "run", "-b", "1", "--offline", "--no-cache"))
    never = require(guarded(site, "test", "run", "-b", "1", "-m", "4", "--offline"), REFUSED)

    assert "TRIED []" in ended.err
    assert ended.json()["results"] == online["results"]
    assert "TRIED []" in never.err
    assert "Container 4 was never fetched" in never.said


def test_a_prepared_dataset_can_be_tested_on(operational: Site) -> None:
    report = tried(operational, "-b", "1", "-d", "1").json()

    assert report["data"] == "dataset 1"
    assert report["data_preparator"] is None
    assert report["results"]["metrics"]["auc"]["estimate"] > 0


def test_the_models_own_image_can_be_taken_instead_of_the_registered_one(
    shared: Site, mine: Starters
) -> None:
    image = f"{mine.prefix}/rebuilt:1"
    config = mine.model / "container_config.yaml"
    config.write_text(config.read_text().replace(mine.image("model"), image))
    try:
        build(mine.model, image)
        model = require(submit(shared, mine.model)).json()
        words = (*containers(mine), *folders(mine), "-m", str(model["id"]))
        registered = tried(shared, *words).json()
        code = (mine.model / "main.py").read_text()
        (mine.model / "main.py").write_text(code.replace("(1 + math.tanh", "0 * (1 + math.tanh"))
        build(mine.model, image)
        own = tried(shared, *words, "--use-local-model-image").json()
        still = tried(shared, *words, "--no-cache").json()
    finally:
        docker("rmi", image)

    assert registered["inputs"]["model.image"] == model["image_hash"]
    assert own["inputs"]["model.image"] != model["image_hash"]
    assert own["results"]["accuracy"] != registered["results"]["accuracy"]
    assert still["results"] == registered["results"]


def test_an_image_that_is_not_here_is_not_pulled(alone: Site, mine: Starters) -> None:
    config = mine.model / "container_config.yaml"
    config.write_text(config.read_text().replace(mine.image("model"), "127.0.0.1:9/not/here:1"))

    for option in ("--use-local-model-image", "--offline"):
        words = (*containers(mine), *folders(mine), option)
        ended = tried(alone, *words, code=CONTAINER)
        assert "takes what is here" in ended.said


def test_a_container_that_fails_leaves_no_report(alone: Site, mine: Starters) -> None:
    (mine.preparator / "demo_dataset" / "labels" / "labels.csv").write_text("case,label\na,maybe\n")

    ended = tried(alone, *containers(mine), *folders(mine), code=CONTAINER)

    assert "maybe" in ended.said or "none of 0, 1" in ended.said
    assert json.loads(require(alone.medperf("--json", "test", "ls")).out) == []


def spoiled(starters: Starters, paths: str | None) -> str:
    """A demo dataset whose ``paths.yaml`` is another, or none."""
    folder = starters.preparator / "demo_dataset"
    if paths is None:
        (folder / "paths.yaml").unlink()
    else:
        (folder / "paths.yaml").write_text(paths)
    return str(packed(folder, starters.home / "spoiled.tar.gz"))


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (None, "no paths.yaml"),
        ("data_path: data\n", "labels_path"),
        ("data_path: ../..\nlabels_path: labels\n", "no folder in it"),
        ("data_path: /etc\nlabels_path: labels\n", "no folder in it"),
        ("data_path: nowhere\nlabels_path: labels\n", "nowhere"),
        ("data_path: paths.yaml\nlabels_path: labels\n", "no folder in it"),
        ("- data\n", "mapping"),
    ],
)
def test_a_demo_dataset_that_is_none_is_told(
    alone: Site, mine: Starters, paths: str | None, told: str
) -> None:
    words = (*containers(mine), "--demo_dataset_url", spoiled(mine, paths))

    assert told in tried(alone, *words, code=BAD_DATA).said


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc"])
def test_a_demo_dataset_of_another_hash_is_refused(
    alone: Site, starters: Starters, digest: str
) -> None:
    words = (*containers(starters), "--demo_dataset_url", str(starters.demo))

    assert digest in tried(alone, *words, "--demo_dataset_hash", digest, code=BAD_DATA).said


WRONG: dict[str, tuple[tuple[str, ...], int, str]] = {
    "nothing": ((), USAGE, "--model"),
    "no data": (("-p", "x", "-m", "x", "-e", "x"), USAGE, "--demo_dataset_url"),
    "half the data": (("-p", "x", "-m", "x", "-e", "x", "--data_path", "x"), USAGE, "both"),
    "two kinds of data": (
        ("-p", "x", "-m", "x", "-e", "x", "-d", "1", "--demo_dataset_url", "x"), USAGE, "one",
    ),
    "a hash of nothing": (("-p", "x", "-m", "x", "-e", "x", "--demo_dataset_hash", "x"), USAGE, ""),
    "no metrics": (("-p", "x", "-m", "x", "-d", "1"), USAGE, "--evaluator"),
    "no container there": (("-p", "x", "-m", "/x", "-e", "x", "-d", "1"), BAD_DATA, "/x"),
    "no report": (("view", "t0"), USAGE, "t0"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_what_cannot_be_meant_is_told(alone: Site, wrong: tuple[tuple[str, ...], int, str]) -> None:
    words, code, told = wrong
    command = ("test", *words) if "view" in words else ("test", "run", *words)

    ended = require(alone.medperf(*command), code)

    assert told in ended.said
    assert "Traceback" not in ended.said


def test_numbers_that_the_server_does_not_know_are_told(shared: Site) -> None:
    for words in (("-b", "77"), ("-b", "1", "-m", "77"), ("-b", "1", "-d", "77")):
        assert "77" in tried(shared, *words, code=REFUSED).said
