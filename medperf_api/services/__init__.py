"""Decisions and queries, one noun a module. They never commit and know no HTTP."""
