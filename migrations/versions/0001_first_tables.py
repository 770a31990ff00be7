"""Users, cubes, datasets, benchmarks, both kinds of association, and results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "users",
    "cubes",
    "datasets",
    "benchmarks",
    "dataset_associations",
    "model_associations",
    "results",
)

# On SQLite a moment is its text, which sorts as time does.
MOMENT = sa.String(27).with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
# A column of type JSON would round a document that is only a number.
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
SHORT = sa.String(256)


def _column(name: str, kind: sa.types.TypeEngine, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable)


def _reference(table: str, name: str, target: str) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
    constraint = f"fk_{table}_{name}_{target}"
    return (
        _column(name, sa.Integer()),
        sa.ForeignKeyConstraint([name], [f"{target}.id"], name=constraint),
    )


def _choice(table: str, name: str, *values: str) -> tuple[sa.Column, sa.CheckConstraint]:
    allowed = ", ".join(f"'{value}'" for value in values)
    return (
        _column(name, sa.String(max(len(value) for value in values))),
        sa.CheckConstraint(f"{name} IN ({allowed})", name=f"ck_{table}_{name}"),
    )


def _state(table: str) -> tuple[sa.Column, sa.CheckConstraint]:
    return _choice(table, "state", "DEVELOPMENT", "OPERATION")


def _approval(table: str) -> tuple[SchemaItem, ...]:
    status = _choice(table, "approval_status", "PENDING", "APPROVED", "REJECTED")
    return (*status, _column("approved_at", MOMENT, nullable=True))


def _create(table: str, *items: SchemaItem) -> None:
    op.create_table(
        table,
        _column("id", sa.Integer()),
        _column("created_at", MOMENT),
        _column("modified_at", MOMENT),
        *items,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _listed_by(table: str, *columns: str) -> None:
    for column in ((), *((column,) for column in columns)):
        _index(table, *column, "modified_at", "id")


def _unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    """Make every table."""
    _create_users()
    _create_cubes()
    _create_datasets()
    _create_benchmarks()
    _create_associations("dataset_associations", "dataset", "datasets")
    _create_associations(
        "model_associations", "model_mlcube", "cubes", _column("priority", sa.Integer())
    )
    _create_results()


def downgrade() -> None:
    """Drop every table."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_users() -> None:
    _create(
        "users",
        _column("username", SHORT),
        _column("email", SHORT),
        _column("first_name", SHORT),
        _column("last_name", SHORT),
        _column("is_admin", sa.Boolean()),
        _column("is_active", sa.Boolean()),
        sa.UniqueConstraint("username", name="uq_users_username"),
    )
    _index("users", "email")
    _listed_by("users")


def _create_cubes() -> None:
    hashes = (
        "image_tarball_hash",
        "image_hash",
        "additional_files_tarball_hash",
        "mlcube_hash",
        "parameters_hash",
    )
    _create(
        "cubes",
        *_reference("cubes", "owner", "users"),
        _column("name", SHORT),
        _column("git_mlcube_url", sa.Text()),
        _column("git_parameters_url", sa.Text()),
        _column("image_tarball_url", sa.Text()),
        _column("additional_files_tarball_url", sa.Text()),
        *(_column(name, SHORT) for name in hashes),
        *_state("cubes"),
        _column("is_valid", sa.Boolean()),
        _column("metadata", JSON),
        _column("user_metadata", JSON),
        sa.UniqueConstraint("name", name="uq_cubes_name"),
        sa.UniqueConstraint(*hashes, name="uq_cubes_hashes"),
    )
    _listed_by("cubes", "owner")


def _create_datasets() -> None:
    _create(
        "datasets",
        *_reference("datasets", "owner", "users"),
        _column("name", SHORT),
        _column("description", sa.Text()),
        _column("location", SHORT),
        _column("input_data_hash", SHORT),
        _column("generated_uid", SHORT),
        _column("split_seed", sa.Integer()),
        *_reference("datasets", "data_preparation_mlcube", "cubes"),
        _column("is_valid", sa.Boolean()),
        _column("submitted_as_prepared", sa.Boolean()),
        *_state("datasets"),
        _column("generated_metadata", JSON),
        _column("user_metadata", JSON),
        _column("report", JSON),
    )
    _listed_by("datasets", "owner", "data_preparation_mlcube")
    _unique_where(
        "uq_datasets_operational_generated_uid",
        "datasets",
        ["generated_uid"],
        "state = 'OPERATION'",
    )


def _create_benchmarks() -> None:
    cubes = ("data_preparation_mlcube", "reference_model_mlcube", "data_evaluator_mlcube")
    _create(
        "benchmarks",
        *_reference("benchmarks", "owner", "users"),
        _column("name", SHORT),
        _column("description", sa.Text()),
        _column("docs_url", sa.Text()),
        _column("demo_dataset_tarball_url", sa.Text()),
        _column("demo_dataset_tarball_hash", SHORT),
        _column("demo_dataset_generated_uid", SHORT),
        *(item for cube in cubes for item in _reference("benchmarks", cube, "cubes")),
        _column("metadata", JSON),
        _column("user_metadata", JSON),
        *_state("benchmarks"),
        _column("is_valid", sa.Boolean()),
        _column("is_active", sa.Boolean()),
        *_approval("benchmarks"),
        sa.UniqueConstraint("name", name="uq_benchmarks_name"),
    )
    for cube in cubes:
        _index("benchmarks", cube)
    _listed_by("benchmarks", "owner")
    _unique_where(
        "uq_benchmarks_pending_owner", "benchmarks", ["owner"], "approval_status = 'PENDING'"
    )


def _create_associations(table: str, subject: str, target: str, *more: sa.Column) -> None:
    _create(
        table,
        *_reference(table, "benchmark", "benchmarks"),
        _column("metadata", JSON),
        *_reference(table, "initiated_by", "users"),
        *_approval(table),
        *_reference(table, subject, target),
        *more,
    )
    _index(table, subject, "benchmark", "created_at", "id")
    _index(table, "benchmark", subject, "created_at", "id")
    _index(table, "initiated_by")
    _listed_by(table)
    _unique_where(
        f"uq_{table}_pending_pair", table, [subject, "benchmark"], "approval_status = 'PENDING'"
    )


def _create_results() -> None:
    _create(
        "results",
        *_reference("results", "owner", "users"),
        _column("name", SHORT),
        *_reference("results", "benchmark", "benchmarks"),
        *_reference("results", "model", "cubes"),
        *_reference("results", "dataset", "datasets"),
        _column("results", JSON),
        _column("metadata", JSON),
        _column("user_metadata", JSON),
        *_approval("results"),
        _column("is_valid", sa.Boolean()),
    )
    _listed_by("results", "owner", "benchmark", "model", "dataset")
