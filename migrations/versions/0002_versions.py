"""How often each row was written, which ETags name."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
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


def upgrade() -> None:
    """Count from one."""
    for table in TABLES:
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Forget the counts."""
    for table in TABLES:
        op.drop_column(table, "version")
