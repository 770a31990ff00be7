"""The short walk that other people's CI calls."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.scripts.conftest import SCRIPTS

LIMIT_S = 60

# Stands where the server stands, notes its number, and says nothing more after this.
MUTE = """
import os, pathlib, signal, socket
pathlib.Path("number").write_text(str(os.getpid()))
{say}
signal.pause()
"""
NEVER_ANSWERS = MUTE.format(
    say="""
listener = socket.create_server(("127.0.0.1", 0))
print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
"""
)
NEVER_STARTS = MUTE.format(say="")


def test_the_walk_ends_well_and_leaves_no_file_and_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A setting of whoever runs it must not reach the server.
    monkeypatch.setenv("MEDPERF_DATABASE_URL", "sqlite+aiosqlite:////nowhere/medperf.db")
    walk = subprocess.Popen(
        [sys.executable, SCRIPTS / "smoke.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
    )
    out, err = walk.communicate(timeout=LIMIT_S)

    assert walk.returncode == 0, err
    for refusal in (400, 401, 403, 404, 405, 409):
        assert f"{refusal} " in out
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(walk.pid, 0)


@pytest.mark.parametrize(
    ("status", "code"), [(500, "unexpected"), (403, "not_found"), (404, "not_permitted")]
)
def test_another_status_or_code_is_a_surprise(status: int, code: str) -> None:
    smoke = runpy.run_path(str(SCRIPTS / "smoke.py"))
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json={"code": code}))
    with httpx.Client(transport=transport, base_url="http://registry.test") as client:
        person = smoke["Person"](client)
        with pytest.raises(smoke["Surprise"], match=f"got {status}"):
            person.call("GET", "me/", 403, code="not_permitted")


@pytest.mark.parametrize(
    ("program", "start_s", "walk_s", "sentence"),
    [
        (NEVER_STARTS, 1, LIMIT_S, "the server did not say its address in 1 s"),
        (NEVER_ANSWERS, LIMIT_S, 1, "the walk was not over after 1 s"),
    ],
)
def test_a_server_that_says_nothing_is_given_up_and_stopped(
    tmp_path: Path, program: str, start_s: int, walk_s: int, sentence: str
) -> None:
    smoke = runpy.run_path(str(SCRIPTS / "smoke.py"))
    tokens = tmp_path / "identity" / "tokens"
    tokens.mkdir(parents=True)
    for email in smoke["TUTORIAL_EMAILS"]:
        (tokens / f"{email}.jwt").write_text("token")

    with pytest.raises(smoke["Surprise"], match=sentence):
        smoke["smoke"](tmp_path, (sys.executable, "-c", program), start_s, walk_s)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "number").read_text()), 0)
