"""Help pages: what they show, and how they look in a terminal of 80 columns."""

import pytest

from medperf_client.commands import work
from medperf_client.commands.groups import ENTRIES
from tests.commands.conftest import Medperf


def test_help_names_every_group_and_every_exit_code(medperf: Medperf) -> None:
    page = medperf("--help").out

    assert [name for name, entry in ENTRIES.items() if not entry.hidden and name not in page] == []
    codes = page[page.index("Exit codes:") :]
    assert [code for code in range(9) if f"{code}  " not in codes] == []


@pytest.mark.parametrize(
    "page", [(), *((name,) for name in ENTRIES), ("dataset", "submit"), ("profile", "set")]
)
def test_no_line_of_help_is_wider_than_80_columns(medperf: Medperf, page: tuple[str, ...]) -> None:
    ended = medperf(*page, "--help")

    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 80


def test_a_groups_page_opens_with_what_the_list_of_groups_says(medperf: Medperf) -> None:
    different = [
        name
        for name, entry in ENTRIES.items()
        if name != "run"
        and not entry.hidden
        and entry.help not in " ".join(medperf(name, "--help").out.split())
    ]

    assert different == []


def test_container_and_mlcube_are_one_group_under_two_names(medperf: Medperf) -> None:
    container, mlcube = medperf("container", "--help").out, medperf("mlcube", "--help").out

    assert container.replace("medperf container", "") == mlcube.replace("medperf mlcube", "")


def test_a_name_mistyped_is_answered_with_the_one_meant(medperf: Medperf) -> None:
    ended = medperf("benchmrk", "ls")

    assert ended.code == 2
    assert "Did you mean 'benchmark'?" in ended.err


@pytest.mark.parametrize("name", sorted(work.HOMES))
def test_every_name_that_commands_call_is_there(name: str) -> None:
    assert getattr(work, name).__module__ == work.HOMES[name]
