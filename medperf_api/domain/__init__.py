"""The rules, as pure functions: no clock, no database, no HTTP."""
