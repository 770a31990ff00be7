"""Makes what stands in scripts/ importable, and runs it with stand-ins of system programs."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


class RunScript(Protocol):
    """Runs a script of ours, by its name, with programs that stand in for the system's."""

    def __call__(
        self, name: str, *arguments: str, programs: Mapping[str, str] = ..., **env: str
    ) -> "subprocess.CompletedProcess[str]": ...


def lay_out(folder: Path, programs: Mapping[str, str]) -> None:
    """Write programs that a PATH may begin with."""
    for program, text in programs.items():
        (folder / program).write_text(text)
        (folder / program).chmod(0o755)


@pytest.fixture
def run_script(tmp_path: Path) -> RunScript:
    """A script sees a clean environment: nothing of the machine's own engine reaches it."""

    def run(
        name: str, *arguments: str, programs: Mapping[str, str] | None = None, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        lay_out(tmp_path, programs or {})
        path = f"{tmp_path}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return subprocess.run(
            [SCRIPTS / name, *arguments],
            env={"PATH": path, "HOME": str(tmp_path)} | env,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    return run
