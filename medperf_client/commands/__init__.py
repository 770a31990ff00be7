"""The commands, one module a group: parse, call, show. Loaded when named, light until they run."""
