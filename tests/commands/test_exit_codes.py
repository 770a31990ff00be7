"""Every exit code, reached; and what people and programs are told with it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import respx

from medperf_api.contract.errors import ErrorCode
from tests.commands.conftest import Medperf, leave_token
from tests.commands.wire import benchmark, page, problem

MEDPERF = Path(sys.executable).parent / "medperf"


def test_0_done(medperf: Medperf, server: respx.MockRouter) -> None:
    server.get("/benchmarks/").respond(json=page(benchmark()))

    assert medperf("benchmark", "ls").code == 0


def test_1_unexpected_is_one_sentence_and_its_place_is_in_the_log(
    medperf: Medperf, server: respx.MockRouter, home: Path
) -> None:
    server.get("/benchmarks/").mock(side_effect=LookupError("a patient's name"))

    ended = medperf("benchmark", "ls")

    assert ended.code == 1
    assert "did not expect (LookupError)" in ended.err
    assert "Traceback" not in ended.err
    log = home / "storage" / "logs" / "medperf.log"
    assert "LookupError" in log.read_text()
    assert "http_exchange.py" in log.read_text()
    assert "a patient's name" not in log.read_text() + ended.err
    assert log.stat().st_mode & 0o777 == 0o600


def test_1_unexpected_shows_its_place_to_whoever_asks_for_it(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.get("/benchmarks/").mock(side_effect=LookupError("here"))

    assert "Traceback" in medperf("--loglevel", "debug", "benchmark", "ls").err


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("benchmark", "ls", "--nonsense"), "No such option: --nonsense"),
        (("benchmark", "view", "one"), "valid integer"),
        (("--loglevel", "loud", "profile", "ls"), "'loud' is no level"),
        (("--platform", "slurm", "benchmark", "ls"), "docker, podman"),
        (("--shm-size", "lots", "benchmark", "ls"), "shm_size: 'lots' is not a size"),
        (("--infer-timeout", "-3", "benchmark", "ls"), "infer_timeout"),
        (("--profile", "nobody", "benchmark", "ls"), "no profile 'nobody'"),
        (("--profile", "default", "benchmark", "ls"), "medperf profile set --server URL"),
        (("association", "approve", "-b", "1"), "Exactly one of a dataset and a model"),
        (("association", "approve", "-b", "1", "-d", "1", "-m", "2"), "Exactly one"),
    ],
)
def test_2_usage(medperf: Medperf, command: tuple[str, ...], told: str) -> None:
    ended = medperf(*command)

    assert ended.code == 2
    assert told in ended.err


def test_2_usage_is_a_group_without_a_command(medperf: Medperf) -> None:
    ended = medperf("benchmark")

    assert ended.code == 2
    assert "Commands:" in ended.err


def test_3_refused(medperf: Medperf, server: respx.MockRouter) -> None:
    server.get("/benchmarks/9/").respond(404, json=problem(ErrorCode.NOT_FOUND, "Not found."))

    ended = medperf("benchmark", "view", "9")

    assert ended.code == 3
    assert ended.err == (
        "Error: The server refused to show benchmark 9: Not found.\n"
        "`medperf benchmark ls` shows what there is.\n"
        "Nothing left this machine.\n"
    )


def test_4_unreachable(medperf: Medperf, home: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
    medperf("profile", "set", "--server", address)

    ended = medperf("benchmark", "ls")

    assert ended.code == 4
    assert f"No answer from {address} when asked to list benchmarks" in ended.err


def test_6_bad_data(medperf: Medperf, home: Path) -> None:
    (home / "client").mkdir()
    (home / "client" / "config.yaml").write_text("profiles: [")

    ended = medperf("benchmark", "ls")

    assert ended.code == 6
    assert "this is not YAML" in ended.err


def test_7_cancelled(medperf: Medperf, server: respx.MockRouter) -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    server.get("/benchmarks/").mock(side_effect=interrupted)
    server.put("/datasets/1/benchmarks/1/").mock(side_effect=interrupted)

    reading = medperf("benchmark", "ls")
    writing = medperf("association", "approve", "-b", "1", "-d", "1")

    assert (reading.code, writing.code) == (7, 7)
    assert "Nothing left this machine." in reading.err
    assert "The server may have received it" in writing.err


def test_8_not_logged_in_without_a_token(medperf: Medperf, home: Path) -> None:
    leave_token(home, "somebody@example.com")
    (home / "identity" / "tokens" / "testdo@example.com.jwt").unlink()

    ended = medperf("benchmark", "ls")

    assert ended.code == 8
    assert "medperf-server token mint testdo@example.com" in ended.err


def test_8_not_logged_in_with_an_expired_token_asks_nobody(
    medperf: Medperf, server: respx.MockRouter, home: Path
) -> None:
    leave_token(home, "testdo@example.com", lasts_s=-60)

    ended = medperf("benchmark", "ls")

    assert ended.code == 8
    assert "expired" in ended.err
    assert not server.calls


def test_8_not_logged_in_when_the_server_does_not_take_the_token(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.get("/benchmarks/").respond(401, json={"detail": "Invalid token."})

    assert medperf("benchmark", "ls").code == 8


def test_a_failure_in_json_is_one_document_on_stdout(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    refusal = problem(ErrorCode.NOT_FOUND, "Not found.")
    server.get("/benchmarks/9/").respond(404, json=refusal)

    ended = medperf("--json", "benchmark", "view", "9")

    assert ended.code == 3
    assert ended.json() == {
        "error": {
            "code": "refused",
            "exit_code": 3,
            "message": "The server refused to show benchmark 9: Not found.",
            "hint": "`medperf benchmark ls` shows what there is.",
            "left": "Nothing left this machine.",
            "status": 404,
            "problem": refusal,
        }
    }


def test_a_misuse_in_json_is_a_document_too(medperf: Medperf) -> None:
    ended = medperf("--json", "benchmark", "ls", "--nonsense")

    assert ended.code == 2
    assert ended.json()["error"]["code"] == "usage"


def test_a_write_whose_answer_makes_no_sense_is_told_to_be_in_doubt(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.put("/datasets/1/benchmarks/1/").respond(200, content=b"<html>")

    ended = medperf("association", "approve", "-b", "1", "-d", "1")

    assert ended.code == 4
    assert "The server may have received it" in ended.err


def test_hostile_words_of_a_server_reach_the_terminal_as_escapes(
    medperf: Medperf, server: respx.MockRouter
) -> None:
    server.get("/benchmarks/9/").respond(
        404, json=problem(ErrorCode.NOT_FOUND, "\x1b[2J[bold]gone\x07")
    )

    assert "\\x1b[2J[bold]gone\\x07" in medperf("benchmark", "view", "9").err


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_waiting_command_with_a_sentence(
    medperf: Medperf, home: Path, silent_server: str, asked: signal.Signals
) -> None:
    medperf("profile", "set", "--server", silent_server)
    waiting = subprocess.Popen(
        [sys.executable, "-c", _TELLS_WHEN_ASKING, "benchmark", "ls"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "asking\n"
    time.sleep(0.1)

    waiting.send_signal(asked)
    _, err = waiting.communicate(timeout=10)

    assert waiting.returncode == 7
    assert "Cancelled." in err
    assert "Traceback" not in err


# Says so when it opens a connection: a signal before that would test Python's own start.
_TELLS_WHEN_ASKING = """
import sys
sys.addaudithook(lambda event, _: event == "socket.connect" and print("asking", flush=True))
from medperf_client.app import main
sys.exit(main())
"""


def test_a_reader_that_has_seen_enough_hears_no_complaint(home: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [MEDPERF, "profile", "ls"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, "")
