"""Results on stdout: tables and records, or one JSON document where that was asked for."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, JsonValue

from medperf_client.errors import BadData
from medperf_client.output.documents import json_text, plain, yaml_text
from medperf_client.output.table import Tabular, plain_table, print_rich_table

# Beyond this many rows, laying out for the eye costs more than it gives.
_RICH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Show:
    """How this command line prints what it found or made."""

    as_json: bool = False

    def table(
        self, table: Tabular, destination: Path | None = None, document: JsonValue = None
    ) -> None:
        """A table; as JSON ``document``, or else its rows, which are models then."""
        if self.as_json:
            self._write(json_text(_models(table) if document is None else document), destination)
        else:
            self._print([table], destination)

    def tables(self, tables: Sequence[Tabular], destination: Path | None = None) -> None:
        """Several tables, without those that are empty; as JSON one list of all their rows."""
        if self.as_json:
            models = [model for table in tables for model in _models(table)]
            self._write(json_text(models), destination)
        else:
            self._print([table for table in tables if len(table)] or tables[:1], destination)

    def record(
        self, value: BaseModel | JsonValue, form: str = "yaml", destination: Path | None = None
    ) -> None:
        """One record in full, as ``yaml`` or ``json``."""
        as_json = self.as_json or form == "json"
        self._write(json_text(value) if as_json else yaml_text(value), destination)

    def records(
        self, values: Sequence[BaseModel], form: str, destination: Path | None = None
    ) -> None:
        """Several records in full."""
        self.record(plain(values), form, destination)

    def made(self, identifier: int | str, value: BaseModel | JsonValue) -> None:
        """Something new: its identifier, for scripts to pick up."""
        self._write(json_text(value) if self.as_json else str(identifier))

    def document(self, value: BaseModel | JsonValue) -> None:
        """What a program wants to know of something done; people were told on stderr."""
        if self.as_json:
            self._write(json_text(value))

    def text_or_document(self, text: str, document: JsonValue) -> None:
        """The same thing told to people, or to programs."""
        self._write(json_text(document) if self.as_json else text)

    def _print(self, tables: Sequence[Tabular], destination: Path | None) -> None:
        short = sum(map(len, tables)) <= _RICH_ROWS
        if destination is None and sys.stdout.isatty() and short:
            from rich.console import Console

            console = Console(highlight=False)
            for table in tables:
                print_rich_table(console, table)
        else:
            self._write("\n\n".join(plain_table(table) for table in tables), destination)

    def _write(self, text: str, destination: Path | None = None) -> None:
        if destination is None:
            sys.stdout.write(text + "\n")
            return
        try:
            destination.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise BadData(f"{destination} cannot be written: {error.strerror}.") from error


def _models(table: Tabular) -> list[BaseModel]:
    return [row for row in table.records() if isinstance(row, BaseModel)]
