"""A PostgreSQL is at hand where the tests run, and gone afterwards."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from private_postgres import private_postgres, programs_folder

from tests.registry.databases import query
from tests.scripts.conftest import SCRIPTS

WITH_POSTGRES = [sys.executable, str(SCRIPTS / "with_postgres.py")]
VARIABLE = "MEDPERF_TEST_POSTGRES_URL"
PATIENCE_S = 60

starts_postgres = pytest.mark.skipif(
    programs_folder() is None, reason="no PostgreSQL server is installed"
)


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return kept | changes


def is_gone(url: str) -> bool:
    folder = url.rpartition("%2F")[2]
    running = (path / "cmdline" for path in Path("/proc").glob("[0-9]*"))
    return not any(folder in read(path) for path in running)


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it may end while we look
        return ""


def test_a_server_that_is_named_is_used_and_left_alone():
    named = environment(**{VARIABLE: "postgresql://elsewhere.test/name"})
    command = [*WITH_POSTGRES, "sh", "-c", f"echo ${VARIABLE}; exit 7"]

    ended = subprocess.run(command, env=named, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (7, "postgresql://elsewhere.test/name\n")


def test_who_may_not_install_it_is_told_what_to_do_and_goes_on(tmp_path):
    """Somebody without a PostgreSQL, and without apt-get."""
    command = [*WITH_POSTGRES, sys.executable, "-c", "print('ran')"]
    env = environment(PATH=str(tmp_path), MEDPERF_POSTGRES_PROGRAMS=str(tmp_path))

    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (0, "ran\n")
    assert "sudo apt-get install postgresql" in ended.stderr
    assert VARIABLE in ended.stderr


@starts_postgres
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_started_server_is_gone_after_a_signal(number):
    command = [*WITH_POSTGRES, "sh", "-c", f"echo ${VARIABLE}; exec sleep 60"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        assert not is_gone(url)
        running.send_signal(number)

    assert running.returncode == 128 + number
    assert is_gone(url)


@starts_postgres
def test_ctrl_c_ends_the_command_then_the_server():
    command = [*WITH_POSTGRES, "sh", "-c", f"echo ${VARIABLE}; exec sleep 60"]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        # To the whole group, as a terminal does.
        os.killpg(running.pid, signal.SIGINT)

    assert running.returncode == 128 + signal.SIGINT
    assert is_gone(url)


@starts_postgres
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells it")
def test_a_server_does_not_outlive_a_wrapper_that_was_killed():
    command = [*WITH_POSTGRES, "sh", "-c", f"echo ${VARIABLE}; exec sleep 2"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        running.kill()
    until = time.monotonic() + PATIENCE_S
    while not is_gone(url):
        assert time.monotonic() < until
        time.sleep(0.1)


@starts_postgres
def test_a_private_server_answers_those_who_can_enter_its_folder_and_leaves_no_file():
    with private_postgres() as server:
        folder = Path(unquote(server.url.partition("=")[2]))
        assert folder.stat().st_mode & 0o077 == 0
        assert query(server.url, "SHOW listen_addresses") == [("",)]

    assert not folder.exists()
