"""Measures and writes docs/benchmarks.md: `make bench`, or the names of sections as arguments."""

import signal
import sys
from collections.abc import Callable, Iterator, Mapping

from tests.benchmarks import client, server
from tests.benchmarks.machine import describe_machine
from tests.benchmarks.tables import Cells, write_section

SECTIONS: Mapping[str, Callable[[], Iterator[Cells]]] = {
    "client": client.measure,
    "server": server.measure,
}


def main(names: list[str]) -> None:
    """Measure these sections, or all."""
    # Ended from outside, servers and containers are stopped as on Ctrl+C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for name in names or SECTIONS:
        facts = describe_machine()
        rows = []
        for row in SECTIONS[name]():
            sys.stderr.write("  ".join(cell for cell in row.cells() if cell) + "\n")
            rows.append(row)
        write_section(name, facts, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
