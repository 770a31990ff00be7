"""How a benchmark's run ended: a line a model, and the counts."""

from typing import TYPE_CHECKING

from medperf_client.output.column import Column, Table
from medperf_client.output.table import plain_table

if TYPE_CHECKING:
    from pydantic import JsonValue

    from medperf_client.workflows.run_benchmark import ExecutionRow, RunSummary

_COLUMNS: "tuple[Column[ExecutionRow], ...]" = (
    Column("model", lambda row: row.model, right=True),
    Column("local result UID", lambda row: row.result),
    Column("partial result", lambda row: row.partial),
    Column("from cache", lambda row: row.from_cache),
    Column("error", lambda row: row.error),
)


def summary_text(summary: "RunSummary") -> str:
    """The table and the counts, the same at a terminal and in a file."""
    skipped, failed, ran = summary.skipped, summary.failed, summary.ran
    return "\n".join(
        (
            plain_table(Table(summary.executions, _COLUMNS), ruled=False),
            f"Total number of models: {len(summary.executions)}",
            f"        {len(skipped)} were skipped (already executed), "
            f"of which {_partial(skipped)} have partial results",
            f"        {len(failed)} failed",
            f"        {len(ran)} ran successfully, of which {_partial(ran)} have partial results",
        )
    )


def summary_document(summary: "RunSummary") -> "JsonValue":
    """The same for programs."""
    return {
        "executions": [execution_document(row) for row in summary.executions],
        "total": len(summary.executions),
        "skipped": len(summary.skipped),
        "failed": len(summary.failed),
        "ran": len(summary.ran),
    }


def execution_document(row: "ExecutionRow") -> "dict[str, JsonValue]":
    """One execution for programs."""
    return {
        "model": row.model,
        "result": row.result,
        "partial": row.partial,
        "from_cache": row.from_cache,
        "error": row.error,
        "cause": None if row.cause is None else str(row.cause),
    }


def _partial(rows: "tuple[ExecutionRow, ...]") -> int:
    return sum(row.partial for row in rows)
