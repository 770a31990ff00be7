"""The command line that data owners, model owners and committees run."""

# Said here as well as in pyproject.toml, because looking it up costs more than --version may.
__version__ = "0.1.0"
