"""Who takes part in a benchmark: the newest association of each model and dataset."""

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import select

from medperf_api.contract.benchmarks import BenchmarkDataset, BenchmarkModel
from medperf_api.contract.states import Approval
from medperf_api.domain.access import Caller
from medperf_api.services import rows
from medperf_api.services.associations import DATASETS, MODELS, is_newest
from medperf_api.services.listing import Listing
from medperf_api.services.paging import PageOfRows, page
from medperf_api.services.shapes import Shape, stored
from medperf_api.tables import Benchmark, Dataset, DatasetAssociation, ModelAssociation

MODEL_ENTRY = Shape(ModelAssociation, BenchmarkModel)
DATASET_ENTRY = Shape(DatasetAssociation, BenchmarkDataset)


async def list_models(
    connection: AsyncConnection, caller: Caller, benchmark_id: int, listing: Listing
) -> PageOfRows:
    """A benchmark's models, highest priority first, to whoever runs them on approved data."""
    owner = await rows.owner_by_id(connection, Benchmark, benchmark_id)
    if owner != caller.id and not await _has_approved_data(connection, caller, benchmark_id):
        rows.permit(caller)
    rows.found(owner)
    columns = MODEL_ENTRY.table.c
    return await page(
        connection,
        MODEL_ENTRY,
        listing,
        columns.benchmark == benchmark_id,
        is_newest(MODELS),
        order=(columns.priority.desc(), columns.created_at, columns.id),
    )


async def list_datasets(
    connection: AsyncConnection, caller: Caller, benchmark_id: int, listing: Listing
) -> PageOfRows:
    """A benchmark's datasets, to its owner."""
    owner = await rows.owner_by_id(connection, Benchmark, benchmark_id)
    rows.permit(caller, owner)
    rows.found(owner)
    of_benchmark = DATASET_ENTRY.table.c.benchmark == benchmark_id
    return await page(connection, DATASET_ENTRY, listing, of_benchmark, is_newest(DATASETS))


async def _has_approved_data(
    connection: AsyncConnection, caller: Caller, benchmark_id: int
) -> bool:
    history, datasets = DATASETS.full.table, stored(Dataset)
    mine = select(datasets.c.id).where(datasets.c.owner == caller.id)
    return await rows.exists_where(
        connection,
        history.c.benchmark == benchmark_id,
        history.c.approval_status == Approval.APPROVED,
        history.c.dataset.in_(mine),
        is_newest(DATASETS),
    )
