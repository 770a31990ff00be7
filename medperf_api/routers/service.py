"""What a server says about itself, without a token: its version and whether it is well."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from medperf_api.database import Transactions
from medperf_api.routers.documented import refused_with
from medperf_api.routers.replies import Reply
from medperf_api.schema_version import refuse_unless_ready

VERSION = "v0"

router = APIRouter(tags=["service"])


_DOWN = refused_with(503)


class Version(BaseModel):
    """The version of the API."""

    version: str


class Health(BaseModel):
    """Whether the server can do its work."""

    status: str


@router.get("/version", operation_id="get_version", response_model=Version)
@router.get("/version/", include_in_schema=False)
async def version() -> Reply:
    """The version of the API."""
    return Reply({"version": VERSION})


@router.get("/health", include_in_schema=False)
@router.get("/health/", operation_id="get_health", response_model=Health, responses=_DOWN)
async def health(request: Request) -> Reply:
    """Answers when the database does."""
    transactions: Transactions = request.app.state.transactions
    await transactions.ping()
    return Reply({"status": "ok"})


@router.get("/ready", include_in_schema=False)
@router.get("/ready/", operation_id="get_readiness", response_model=Health, responses=_DOWN)
async def ready(request: Request) -> Reply:
    """Answers when the database does and has the tables that this server needs."""
    await refuse_unless_ready(request.app.state.engine)
    return Reply({"status": "ok"})
