"""Requests made up from the OpenAPI document: some in `make test`, thousands in `make test-long`.

Nothing may end in a 5xx, and no answer may break what the document says of it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.registry.serving import running

CHECKS = (
    "not_a_server_error,response_schema_conformance,status_code_conformance,"
    "content_type_conformance"
)
ADMIN, ORDINARY = "testadmin@example.com", "testdo@example.com"


def walked(place: Path, monkeypatch: pytest.MonkeyPatch, email: str, *options: str) -> int:
    """How many made-up requests passed; fails with the report of those that did not."""
    for name in list(os.environ):
        if name.startswith("MEDPERF_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MEDPERF_LOCAL_IDENTITY", str(place / "identity"))
    with running(place) as server:
        make_admin = [sys.executable, "-m", "medperf_api", "user", "make-admin", ADMIN]
        subprocess.run(make_admin, cwd=place, check=True, capture_output=True)
        token = (place / "identity" / "tokens" / f"{email}.jwt").read_text().strip()
        ended = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"), "run", f"{server.url}/openapi.json",
                "--header", f"Authorization: Bearer {token}", "--checks", CHECKS, *options,
            ],
            cwd=place, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-6000:]
    found = re.search(r"(\d+) generated, (\d+) passed", ended.stdout)
    assert found is not None, ended.stdout[-3000:]
    assert found[1] == found[2]
    return int(found[1])


@pytest.mark.parametrize("email", [ADMIN, ORDINARY])
def test_made_up_requests_are_answered_as_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    passed = walked(
        tmp_path, monkeypatch, email, "--phases", "fuzzing", "--max-examples", "4", "--seed", "1"
    )

    assert passed >= 150


@pytest.mark.long
@pytest.mark.parametrize("email", [ADMIN, ORDINARY])
def test_thousands_of_made_up_requests_are_answered_as_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    passed = walked(tmp_path, monkeypatch, email, "--max-examples", "120", "--workers", "2")

    assert passed >= 10_000
