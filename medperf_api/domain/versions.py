"""Which version of an object somebody has seen, and whether it is still the one there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medperf_api.errors import Stale


def tag_of(row: Mapping[str, Any]) -> str:
    """A word for one version of one object, given its ``id`` and ``version``.

    Times would not do: two writes may share a microsecond, and clocks go back.
    """
    return f"{row['id']}.{row['version']}"


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions that an object may have for a change to go ahead; None: whichever it has."""

    tags: frozenset[str] | None = None

    def refuse_unless_current(self, row: Mapping[str, Any]) -> None:
        """Raises: Stale, when ``row`` is at another version than those."""
        if self.tags is not None and tag_of(row) not in self.tags:
            raise Stale()


ANY_VERSION = Expected()
