"""What goes wrong for people: a clear sentence, the right exit code, and nothing sent."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from tests.e2e.bad_cubes import (
    lose_root_rights,
    register_benchmark,
    register_cube,
    register_model,
)
from tests.e2e.conftest import approve, submission
from tests.e2e.running import BIN, Ended, Site, containers, draw_sample, require

pytestmark = pytest.mark.engine

REFUSED, UNREACHABLE, CONTAINER, BAD_DATA, NOT_LOGGED_IN = 3, 4, 5, 6, 8


def datasets(site: Site) -> int:
    """How many datasets the server holds."""
    with site.as_user("testdo@example.com") as owner:
        return int(owner.get("/me/datasets/").json()["count"])


def results(site: Site) -> int:
    """How many results the server holds."""
    with site.as_user("testdo@example.com") as owner:
        return int(owner.get("/me/results/").json()["count"])


@pytest.mark.parametrize("fault", ["missing", "a file", "empty", "unreadable"])
def test_a_data_path_that_cannot_be_used_is_refused(site: Site, fault: str) -> None:
    images, labels = draw_sample(site.home, 4)
    bad = site.home / "bad"
    if fault == "a file":
        bad.write_text("not a folder")
    elif fault == "empty":
        bad.mkdir()
    elif fault == "unreadable":
        images.rename(bad)
        bad.chmod(0)
    command = lose_root_rights([BIN / "medperf", *submission(bad, labels), "-y"])

    ended = site.run(*command)
    if bad.is_dir():
        bad.chmod(0o700)

    assert ended.returncode == BAD_DATA, ended.stderr
    assert str(bad) in ended.stderr.replace("\n", "")
    assert "Nothing left this machine" in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr
    assert datasets(site) == 0


@pytest.mark.parametrize(
    ("fault", "told"),
    [("column", "Label"), ("label", "maybe"), ("png", "PNG")],
)
def test_data_that_cannot_be_prepared_is_named_and_can_be_mended(
    submitted: Site, fault: str, told: str
) -> None:
    raw = submitted.home / "raw"
    table = raw / "labels" / "labels.csv"
    rows = table.read_text()
    image = sorted((raw / "images").iterdir())[0]
    pixels = image.read_bytes()
    if fault == "column":
        table.write_text(rows.replace("Image ID,Label", "Image ID,Diagnosis"))
    elif fault == "label":
        table.write_text(rows.replace("normal", "maybe", 1))
    else:
        image.write_bytes(b"no image at all")

    ended = require(submitted.medperf("dataset", "prepare", "-d", "1", "-y"), CONTAINER)

    assert told in ended.said
    assert "Nothing left this machine" in ended.said
    table.write_text(rows)
    image.write_bytes(pixels)
    require(submitted.medperf("dataset", "prepare", "-d", "1", "-y"))


def test_an_id_that_the_server_does_not_know_is_told(site: Site) -> None:
    images, labels = draw_sample(site.home, 4)

    for words in (
        ("dataset", "prepare", "-d", "77", "-y"),
        ("benchmark", "view", "77"),
        ("benchmark", "run", "-b", "77", "-d", "1"),
        (*submission(images, labels)[:-1], "77", "-y"),
    ):
        ended = require(site.medperf(*words), REFUSED)
        assert "77" in ended.said or "no object with this number" in ended.said


def test_a_server_that_is_down_is_told(site: Site) -> None:
    site.stop_server()

    ended = require(site.medperf("benchmark", "ls"), UNREACHABLE)

    assert site.url in ended.said
    assert "Nothing left this machine" in ended.said


def test_a_server_that_goes_in_the_middle_costs_no_work(operational: Site) -> None:
    code = (
        "import os,time; open('/results.yaml','w').write('auc: 0.5');"
        "open('/results.yaml').read(); time.sleep(3)"
    )
    benchmark = register_benchmark(
        operational, register_cube(operational, "slow", "evaluate", code)
    )
    words = ("dataset", "associate", "-d", "1", "-b", str(benchmark), "-y")
    client = operational.start("medperf", *words)
    operational.when_running(
        {"org.medperf.run": f"b{benchmark}m2d1", "org.medperf.task": "evaluate"}
    )
    operational.stop_server()

    _, said = client.communicate(timeout=60)

    assert client.returncode == UNREACHABLE, said
    operational.start_server(port=operational.port)
    again = require(operational.medperf("--json", *words))
    assert "Infer" not in again.err
    assert "cached" in again.said or "cache" in again.said or again.out


def test_an_expired_token_is_told_before_anything_is_sent(site: Site) -> None:
    key = (site.home / "identity" / "private_key.pem").read_bytes()
    file = site.home / "identity" / "tokens" / "testdo@example.com.jwt"
    claims = jwt.decode(file.read_text(), options={"verify_signature": False})
    past = datetime.now(UTC) - timedelta(hours=1)
    file.write_text(jwt.encode({**claims, "exp": past}, key, algorithm="RS256"))

    ended = require(site.medperf("benchmark", "ls"), NOT_LOGGED_IN)

    assert "expired" in ended.said


def test_steps_out_of_order_are_refused_with_the_step_to_take(submitted: Site) -> None:
    def refused(*words: str) -> Ended:
        return require(submitted.medperf(*words, "-y"), REFUSED)

    prepare = ("dataset", "prepare", "-d", "1")
    operational = ("dataset", "set_operational", "-d", "1")
    associate = ("dataset", "associate", "-d", "1", "-b", "1")
    run = ("benchmark", "run", "-b", "1", "-d", "1")

    assert "prepare" in refused(*operational).said
    assert "set_operational" in refused(*associate).said
    require(submitted.medperf(*prepare, "-y"))
    assert "prepared already" in refused(*prepare).said
    require(submitted.medperf(*operational, "-y"))
    assert "operational" in refused(*operational).said
    assert "operational" in refused(*prepare).said
    assert "associate" in require(submitted.medperf(*run), REFUSED).said
    require(submitted.medperf(*associate, "-y"))
    assert "already" in refused(*associate).said
    waiting = require(submitted.medperf(*run), REFUSED)
    assert "approval of the benchmark's owner is missing" in waiting.said
    approve(submitted)
    require(submitted.medperf(*run))
    submit = ("result", "submit", "-r", "b1m4d1")
    require(submitted.medperf(*submit, "-y"))
    assert "submitted before" in refused(*submit).said
    assert results(submitted) == 1


def test_an_unknown_result_is_told(site: Site) -> None:
    ended = site.medperf("result", "submit", "-r", "b9m9d9", "-y")

    assert ended.code == 2
    assert "b9m9d9" in ended.said


BAD_MODELS = {
    "exits": ("print('cannot go on'); raise SystemExit(1)", "exit_code", "cannot go on"),
    "writes nothing": ("pass", "bad_output", "no predictions"),
    "writes garbage": (
        "open('/out/predictions.csv','wb').write(bytes(range(256)))", "exit_code", "predictions",
    ),
    "hangs": ("import time; time.sleep(600)", "timeout", "4"),
    "eats memory": ("x = b'x' * (2 << 30); print(len(x))", "out_of_memory", "memory"),
    "links out": (
        "import os; os.symlink('/etc/passwd', '/out/predictions.csv')", "bad_output", "link",
    ),
}  # fmt: skip


def test_models_that_misbehave_fail_alone_each_with_its_cause(accepted: Site) -> None:
    models = {
        register_model(accepted, name, code): (cause, told)
        for name, (code, cause, told) in BAD_MODELS.items()
    }
    require(accepted.medperf("profile", "set", "--memory", "512m"))
    run = ("--json", "--infer-timeout", "4", "benchmark", "run", "-b", "1", "-d", "1")

    summary = require(accepted.medperf(*run), CONTAINER).json()

    rows = {row["model"]: row for row in summary["executions"]}
    assert [rows[good]["error"] for good in (2, 4)] == [None, None]
    assert {model: rows[model]["cause"] for model in models} == {
        model: cause for model, (cause, _) in models.items()
    }
    for model, (_, told) in models.items():
        assert told in rows[model]["error"], rows[model]
    assert results(accepted) == 0
    assert not containers(
        {"org.medperf.client": "1", "org.medperf.owner.storage": str(accepted.home)}
    )
    only_good = accepted.home / "models.txt"
    only_good.write_text("2\n4\n")
    again = require(accepted.medperf(*run, "-f", only_good)).json()
    assert [row["from_cache"] for row in again["executions"]] == [True, True]


def test_metrics_that_are_no_numbers_are_refused(operational: Site) -> None:
    evaluator = register_cube(
        operational, "nan", "evaluate", "open('/results.yaml','w').write('auc: .nan')"
    )
    benchmark = register_benchmark(operational, evaluator)

    ended = require(
        operational.medperf("dataset", "associate", "-d", "1", "-b", str(benchmark), "-y"),
        CONTAINER,
    )

    assert "nan" in ended.said
    assert "auc" in ended.said
    with operational.as_user("testdo@example.com") as owner:
        assert owner.get("/me/datasets/associations/").json()["count"] == 0


def test_without_a_terminal_and_without_yes_nothing_is_sent(site: Site) -> None:
    images, labels = draw_sample(site.home, 4)

    ended = require(site.medperf(*submission(images, labels)), 2)

    assert "-y" in ended.said
    assert datasets(site) == 0


@pytest.mark.parametrize("signal", ["INT", "TERM"])
def test_a_run_that_is_cancelled_leaves_no_container(accepted: Site, signal: str) -> None:
    model = register_model(accepted, "sleeps", "import time; time.sleep(600)")
    labels = {"org.medperf.run": f"b1m{model}d1"}
    client = accepted.start("medperf", "benchmark", "run", "-b", "1", "-d", "1")
    accepted.when_running(labels)

    client.send_signal(getattr(__import__("signal"), f"SIG{signal}"))
    _, said = client.communicate(timeout=15)

    assert client.returncode == 7, said
    assert not containers(labels)


def test_a_killed_run_goes_on_where_it_ended(accepted: Site) -> None:
    code = "import time; open('/out/predictions.csv','w').write('x'); time.sleep(600)"
    model = register_model(accepted, "sleeps", code)
    labels = {"org.medperf.run": f"b1m{model}d1"}
    client = accepted.start("medperf", "benchmark", "run", "-b", "1", "-d", "1")
    accepted.when_running(labels)
    client.kill()
    client.communicate()

    only_good = accepted.home / "models.txt"
    only_good.write_text("2\n4\n")
    again = require(
        accepted.medperf("--json", "benchmark", "run", "-b", "1", "-d", "1", "-f", only_good)
    ).json()

    assert [row["error"] for row in again["executions"]] == [None, None]
    assert not containers(labels), "the dead client's container is still there"


def test_the_log_of_the_client_holds_no_data(submitted: Site) -> None:
    require(submitted.medperf("--loglevel", "debug", "dataset", "prepare", "-d", "1", "-y"))

    token = (submitted.home / "identity" / "tokens" / "testdo@example.com.jwt").read_text()
    logs = "".join(
        path.read_text(errors="replace")
        for path in Path(submitted.home / "storage").rglob("*.log")
        if not path.name.startswith("d1_")
    )

    assert token.strip() not in logs
    assert os.fspath(submitted.home / "raw" / "images") not in logs
