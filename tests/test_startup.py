"""What a start of the command loads: nothing that its answer does not need."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from medperf_client import __version__
from medperf_client.commands.groups import ENTRIES

PROJECT = Path(__file__).resolve().parents[1]
HEAVY = ("httpx", "pydantic", "pydantic_core", "docker", "requests", "yaml", "rich", "logging")

_LOADED = """
import io, sys
from contextlib import redirect_stdout
from medperf_client.app import main
with redirect_stdout(io.StringIO()):
    code = main(sys.argv[1:])
print(code, *sys.modules)
"""


def loaded(*arguments: str) -> tuple[int, set[str]]:
    """The exit code of a command line in a fresh interpreter, and every module it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments], capture_output=True, text=True, check=True
    )
    code, *modules = done.stdout.split()
    return int(code), set(modules)


def commands_of(group: str) -> list[str]:
    """The commands that a group's module declares."""
    text = (PROJECT / "medperf_client" / "commands" / f"{ENTRIES[group].module}.py").read_text()
    return re.findall(r'^@app\.add\("(\w+)"\)', text, flags=re.MULTILINE)


HELP_PAGES = [
    ("--help",),
    *((name, "--help") for name in ENTRIES),
    *(
        (name, command, "--help")
        for name in ENTRIES
        if name != "run"
        for command in commands_of(name)
    ),
]


def test_the_version_loads_nothing_heavy() -> None:
    code, modules = loaded("--version")

    assert code == 0
    assert modules.isdisjoint(HEAVY)


@pytest.mark.parametrize("page", HELP_PAGES, ids=" ".join)
def test_no_help_page_loads_anything_heavy(page: tuple[str, ...]) -> None:
    code, modules = loaded(*page)

    assert code == 0
    assert modules.isdisjoint(HEAVY)


def test_help_loads_no_group_of_commands() -> None:
    _, modules = loaded("--help")

    assert not {f"medperf_client.commands.{entry.module}" for entry in ENTRIES.values()} & modules


def test_a_listing_loads_no_engine_and_no_console() -> None:
    _, modules = loaded("--profile", "default", "profile", "view")
    _, listing = loaded("benchmark", "ls")

    assert {"docker", "requests"}.isdisjoint(modules | listing)
    assert {"rich", "click", "pygments"}.isdisjoint(listing)


def test_the_version_is_the_packages_own() -> None:
    declared = re.search(
        r'^version = "(.+)"$', (PROJECT / "pyproject.toml").read_text(), flags=re.MULTILINE
    )

    assert declared is not None
    assert declared[1] == __version__
