"""The tables of CLI.md, byte by byte, and the same for the eye."""

import io

from rich.console import Console

from medperf_client.commands.run_summary import summary_document, summary_text
from medperf_client.errors import Cause
from medperf_client.output.column import Column, Table
from medperf_client.output.table import plain_table, print_rich_table
from medperf_client.workflows.run_benchmark import ExecutionRow, RunSummary

NAMES = Table(
    [(1, "a"), (12, None)],
    (Column("UID", lambda row: row[0], right=True), Column("Name", lambda row: row[1])),
)


def test_an_empty_table_is_its_headings() -> None:
    assert plain_table(Table([], NAMES.columns)) == "  UID  Name\n-----  ------"


def test_nothing_is_printed_for_none() -> None:
    assert plain_table(NAMES).splitlines()[2:] == ["    1  a", "   12"]


def test_the_end_of_a_run_is_told_as_the_tutorial_has_it() -> None:
    summary = RunSummary((ExecutionRow(2, "b1m2d1", from_cache=True), ExecutionRow(4, "b1m4d1")))

    assert summary_text(summary) == (
        "  model  local result UID    partial result    from cache    error\n"
        "      2  b1m2d1              False             True\n"
        "      4  b1m4d1              False             False\n"
        "Total number of models: 2\n"
        "        1 were skipped (already executed), of which 0 have partial results\n"
        "        0 failed\n"
        "        1 ran successfully, of which 0 have partial results"
    )


def test_a_failed_and_a_partial_run_are_counted() -> None:
    summary = RunSummary(
        (
            ExecutionRow(2, "b1m2d1", partial=True),
            ExecutionRow(4, "b1m4d1", error="it ended\nwith 1", cause=Cause.EXIT_CODE),
        )
    )

    *_, row, total, skipped, failed, ran = summary_text(summary).splitlines()

    assert row.endswith("False             False         it ended with 1")
    assert total == "Total number of models: 2"
    assert skipped == "        0 were skipped (already executed), of which 0 have partial results"
    assert failed == "        1 failed"
    assert ran == "        1 ran successfully, of which 1 have partial results"
    assert summary_document(summary) == {
        "executions": [
            {
                "model": 2, "result": "b1m2d1", "partial": True, "from_cache": False,
                "error": None, "cause": None,
            },
            {
                "model": 4, "result": "b1m4d1", "partial": False, "from_cache": False,
                "error": "it ended\nwith 1", "cause": "exit_code",
            },
        ],
        "total": 2,
        "skipped": 0,
        "failed": 1,
        "ran": 1,
    }  # fmt: skip


def test_at_a_terminal_others_words_are_no_markup() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    columns = (Column("Name", lambda row: row),)

    print_rich_table(console, Table(["[red]x[/red] \x1b[2J :warning:"], columns))

    assert isinstance(console.file, io.StringIO)
    assert "[red]x[/red] \\x1b[2J :warning:" in console.file.getvalue()
