"""The audit table on the wire: who decided what, when, and what it was before."""

from enum import StrEnum

from pydantic import Field, JsonValue

from medperf_api.contract.base import Moment, Wire


class AuditedType(StrEnum):
    """What an entry is about, in the wire's words."""

    USER = "user"
    CUBE = "mlcube"
    DATASET = "dataset"
    BENCHMARK = "benchmark"
    RESULT = "result"
    DATASET_ASSOCIATION = "dataset_association"
    MODEL_ASSOCIATION = "model_association"


class AuditAction(StrEnum):
    """What happened to it."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


# The fields by which people decide about each other; other edits leave no entry.
AUDITED_FIELDS = frozenset(
    {
        "state",
        "approval_status",
        "priority",
        "is_valid",
        "is_active",
        "is_admin",
        # Whose token it is that has the user's rights.
        "username",
    }
)


class AuditEntryRead(Wire):
    """One change of one audited field, or an object's beginning or end.

    At its beginning ``new``, at its end ``old`` holds every audited field; ``field`` is empty then.
    """

    id: int
    created_at: Moment
    actor: int | None = Field(None, description="the user; null for the server's command line")
    request_id: str = ""
    action: AuditAction
    object_type: AuditedType
    object_id: int
    mlcube: int | None = Field(None, description="the cube in whose history this is")
    dataset: int | None = Field(None, description="the dataset in whose history this is")
    benchmark: int | None = Field(None, description="the benchmark in whose history this is")
    field: str = ""
    old: JsonValue = None
    new: JsonValue = None
