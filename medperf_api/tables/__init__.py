"""The shape of storage, one noun a module; importing this package registers every table."""

from medperf_api.tables.associations import DatasetAssociation, ModelAssociation
from medperf_api.tables.audit import AuditEntry
from medperf_api.tables.base import Stored, Table
from medperf_api.tables.benchmark import Benchmark
from medperf_api.tables.cube import Cube
from medperf_api.tables.dataset import Dataset
from medperf_api.tables.idempotency_key import IdempotencyKey
from medperf_api.tables.result import Result
from medperf_api.tables.tally import Tally
from medperf_api.tables.user import User

__all__ = [
    "AuditEntry",
    "Benchmark",
    "Cube",
    "Dataset",
    "DatasetAssociation",
    "IdempotencyKey",
    "ModelAssociation",
    "Result",
    "Stored",
    "Table",
    "Tally",
    "User",
]
