"""Fixtures that every test may ask for. Each layer's own are beside its tests."""

pytest_plugins = ["tests.registry.fixtures"]
