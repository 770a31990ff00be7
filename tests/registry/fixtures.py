"""A registry for each test, on each database the server supports."""

import os
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from private_postgres import private_postgres, programs_folder

from medperf_api.app import create_app
from medperf_api.settings import Settings
from tests.registry.databases import (
    Database,
    PostgresDatabase,
    SqliteDatabase,
    new_postgres_database,
)
from tests.registry.tokens import AUDIENCE, ISSUER, public_pem, signing_key
from tests.registry.world import Person, World


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server where databases may be made; a private one unless one is named."""
    if url := os.environ.get("MEDPERF_TEST_POSTGRES_URL"):
        yield url
        return
    if programs_folder() is None:
        pytest.skip("no PostgreSQL server is installed")
    with private_postgres() as server:
        yield server.url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """This run's database, one engine after the other."""
    if request.param == "sqlite":
        yield SqliteDatabase(tmp_path_factory.mktemp("database"))
        return
    with new_postgres_database(request.getfixturevalue("postgres_url")) as url:
        yield PostgresDatabase(url)


def settings_for(database_url: str, **changes: Any) -> Settings:
    """A registry that believes the tests' key."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        auth_public_key=public_pem(signing_key()),
        **changes,
    )


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """An event loop in a thread, so that tests read from top to bottom."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def app(database: Database) -> FastAPI:
    """The application, made once: routes and queries are built when first used."""
    return create_app(settings_for(database.url))


class SetUp(Protocol):
    """Makes a registry with other settings, on the same database."""

    def __call__(self, **settings: Any) -> World: ...


@pytest.fixture
def set_up(world: World, database: Database, portal: BlockingPortal) -> Iterator[SetUp]:
    """Registries with settings of a test's own, beside ``world``."""
    made: list[World] = []

    def make(**settings: Any) -> World:
        changed = settings_for(**{"database_url": database.url} | settings)
        made.append(World(create_app(changed), portal))
        return made[-1]

    yield make
    for other in made:
        portal.call(other.client.aclose)
        portal.call(other.app.state.transactions.close)


@pytest.fixture
def world(app: FastAPI, database: Database, portal: BlockingPortal) -> Iterator[World]:
    """A registry with nothing in it, and its people."""
    database.empty()
    world = World(app, portal)
    yield world
    portal.call(world.client.aclose)
    # Closes connections only; the next test opens its own.
    portal.call(app.state.transactions.close)


@pytest.fixture
def admin(world: World) -> Person:
    """An admin."""
    return world.admin()


@pytest.fixture
def data_owner(world: World) -> Person:
    """Owns datasets."""
    return world.person("data-owner")


@pytest.fixture
def model_owner(world: World) -> Person:
    """Owns models."""
    return world.person("model-owner")


@pytest.fixture
def benchmark_owner(world: World) -> Person:
    """Owns benchmarks."""
    return world.person("benchmark-owner")


@pytest.fixture
def stranger(world: World) -> Person:
    """Owns nothing."""
    return world.person("stranger")
