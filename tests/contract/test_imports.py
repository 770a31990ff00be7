"""A client that imports the contract pays for pydantic and nothing else."""

import subprocess
import sys

HEAVY = {
    "fastapi",
    "starlette",
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "aiosqlite",
    "uvicorn",
    "httpx",
    "jwt",
    "cryptography",
    "typer",
    "rich",
    "docker",
    "yaml",
    "orjson",
    "pydantic_settings",
}

IMPORT_ALL = """
import importlib, pkgutil, sys
import medperf_api.contract as contract
for module in pkgutil.iter_modules(contract.__path__):
    importlib.import_module(f"{contract.__name__}.{module.name}")
print("\\n".join(sys.modules))
"""


def test_the_contract_brings_no_heavy_module_along() -> None:
    command = [sys.executable, "-c", IMPORT_ALL]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}

    assert "pydantic" in loaded
    assert loaded & HEAVY == set()
