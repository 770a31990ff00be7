"""Assembles the server: settings in, an ASGI application out."""

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from medperf_api.database import Transactions, make_engine
from medperf_api.identity.authority import token_check
from medperf_api.routers import (
    associations,
    audit,
    benchmarks,
    cubes,
    datasets,
    me,
    openapi,
    problems,
    results,
    service,
    users,
)
from medperf_api.routers.heads import HeadIsGet
from medperf_api.routers.hosts import KnownHosts, PublicAddress
from medperf_api.routers.paths import API, BothSlashForms
from medperf_api.routers.request_ids import HEADER, RequestIds
from medperf_api.routers.request_watch import RequestWatch, Watcher, log_request
from medperf_api.routers.security_headers import SecurityHeaders
from medperf_api.schema_version import refuse_unless_current
from medperf_api.settings import Settings

CORS: Mapping[str, Any] = {
    "allow_methods": ("DELETE", "GET", "POST", "PUT"),
    "allow_headers": ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", HEADER),
    "expose_headers": ("ETag", "Retry-After", HEADER),
}

NOUNS = (me, users, cubes, datasets, benchmarks, results, associations, audit)


def create_app(settings: Settings) -> FastAPI:
    """The server. Its database is looked at when it starts, not here."""
    app = FastAPI(
        title="MedPerf registry",
        version=version("medperf"),
        description="Benchmarks, cubes, datasets, associations and results, shared by many.",
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.engine = make_engine(settings.database_url)
    app.state.transactions = Transactions(app.state.engine)
    app.state.token_check = token_check(settings)
    app.state.max_body_bytes = settings.max_body_bytes

    app.include_router(service.router)
    app.include_router(service.router, prefix=API, include_in_schema=False)
    app.include_router(openapi.router)
    for noun in NOUNS:
        app.include_router(noun.router, prefix=API)
    if settings.assets is not None:
        app.mount("/assets", StaticFiles(directory=settings.assets), name="assets")

    problems.install(app)
    _add_middleware(app, settings)
    # FastAPI asks to be extended this way.
    app.openapi = openapi.document_of(app)  # type: ignore[method-assign]
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """From the innermost to the outermost."""
    app.add_middleware(BothSlashForms)
    app.add_middleware(HeadIsGet)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, **CORS)
    if settings.public_url:
        app.add_middleware(PublicAddress, url=settings.public_url)
    app.add_middleware(KnownHosts, allowed=settings.allowed_hosts)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestWatch, watchers=_watchers(settings))
    app.add_middleware(RequestIds)


def _watchers(settings: Settings) -> tuple[Watcher, ...]:
    watchers: list[Watcher] = [log_request] if settings.log_requests else []
    if settings.metrics_port is not None:
        # Decides when imported whether its numbers are shared between workers.
        from medperf_api.metrics import count_request

        watchers.append(count_request)
    return tuple(watchers)


def create_app_from_environment() -> FastAPI:
    """For ``uvicorn --factory``: the settings are read here, once."""
    return create_app(Settings())


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    try:
        await refuse_unless_current(app.state.engine)
        # What is here now stays: looked through for garbage again and again it costs pauses.
        gc.collect()
        gc.freeze()
        yield
    finally:
        await app.state.transactions.close()
