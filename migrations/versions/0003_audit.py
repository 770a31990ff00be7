"""The audit table, which only grows: the database refuses to change or delete its rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.String(27).with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")

ACTIONS = ("created", "changed", "deleted")
TYPES = (
    "user",
    "mlcube",
    "dataset",
    "benchmark",
    "result",
    "dataset_association",
    "model_association",
)

REFUSAL = "the audit table only grows"

# A migration that rebuilds the table on SQLite has to make these again.
SQLITE_GUARD = f"""
CREATE TRIGGER audit_refuses_{{event}} BEFORE {{event}} ON audit
BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
"""

POSTGRESQL_REFUSAL = f"""
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""

POSTGRESQL_GUARD = """
CREATE TRIGGER audit_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()
"""


def _column(name: str, kind: sa.types.TypeEngine, nullable: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=nullable)


def _choice(name: str, values: tuple[str, ...]) -> tuple[sa.Column, sa.CheckConstraint]:
    allowed = ", ".join(f"'{value}'" for value in values)
    return (
        _column(name, sa.String(max(len(value) for value in values))),
        sa.CheckConstraint(f"{name} IN ({allowed})", name=f"ck_audit_{name}"),
    )


def upgrade() -> None:
    """Make the table and what guards it."""
    _create_table()
    _create_indexes()
    _guard()


def downgrade() -> None:
    """Drop both; what was noted is lost."""
    op.drop_table("audit")
    if _on_postgresql():
        op.execute("DROP FUNCTION audit_refuses")


def _create_table() -> None:
    op.create_table(
        "audit",
        _column("id", sa.Integer()),
        _column("created_at", MOMENT),
        _column("actor", sa.Integer(), nullable=True),
        _column("request_id", sa.String(256)),
        *_choice("action", ACTIONS),
        *_choice("object_type", TYPES),
        _column("object_id", sa.Integer()),
        _column("mlcube", sa.Integer(), nullable=True),
        _column("dataset", sa.Integer(), nullable=True),
        _column("benchmark", sa.Integer(), nullable=True),
        _column("field", sa.String(256)),
        _column("old", JSON),
        _column("new", JSON),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )


def _create_indexes() -> None:
    for columns in (("created_at", "id"), ("actor", "id"), ("object_type", "object_id", "id")):
        op.create_index(f"ix_audit_{'_'.join(columns)}", "audit", columns)
    for noun in ("mlcube", "dataset", "benchmark"):
        belongs = sa.text(f"{noun} IS NOT NULL")
        op.create_index(
            f"ix_audit_{noun}_id",
            "audit",
            [noun, "id"],
            sqlite_where=belongs,
            postgresql_where=belongs,
        )


def _guard() -> None:
    if _on_postgresql():
        op.execute(POSTGRESQL_REFUSAL)
        op.execute(POSTGRESQL_GUARD)
    else:
        for event in ("UPDATE", "DELETE"):
            op.execute(SQLITE_GUARD.format(event=event))


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
