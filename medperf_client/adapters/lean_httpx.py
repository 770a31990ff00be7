"""httpx without its own command line, whose libraries would be loaded at every start of ours."""

import sys

# httpx copes without this part of itself, which loads click, pygments and rich.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402 - only now

__all__ = ["httpx"]
