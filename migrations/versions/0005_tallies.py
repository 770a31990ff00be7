"""How many rows each list has, kept by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As tables/tally.py has it. A migration that rebuilds one of these tables on SQLite has to make
# its triggers again.
TALLIED = {
    "users": (),
    "cubes": ("owner",),
    "datasets": ("owner", "data_preparation_mlcube"),
    "benchmarks": ("owner",),
    "results": ("owner", "benchmark", "model", "dataset"),
    "audit": (),
}
EVERY = 0
SLOTS = 64

ADD = "ON CONFLICT (name, value, slot) DO UPDATE SET total = tallies.total + excluded.total"

SQLITE_TRIGGER = """
CREATE TRIGGER tallies_{table}_{event} AFTER {event} ON {table}
BEGIN
INSERT INTO tallies (name, value, slot, total) VALUES {parts}
{add};
END
"""

SQLITE_MOVE = """
CREATE TRIGGER tallies_{table}_{column} AFTER UPDATE OF {column} ON {table}
WHEN OLD.{column} <> NEW.{column}
BEGIN
INSERT INTO tallies (name, value, slot, total)
VALUES ('{table}.{column}', OLD.{column}, 0, -1), ('{table}.{column}', NEW.{column}, 0, 1)
{add};
END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION tallies_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
INSERT INTO tallies (name, value, slot, total)
{parts}
{add};
RETURN NULL;
END $$
"""

POSTGRESQL_TRIGGER = """
CREATE TRIGGER tallies_{table}_{event} AFTER {event} ON {table}
REFERENCING {side} TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION tallies_{table}('{sign}')
"""

POSTGRESQL_MOVED = """
CREATE FUNCTION tallies_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE seen bigint := (to_jsonb(OLD) ->> TG_ARGV[0])::bigint;
        fresh bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
        called text := TG_TABLE_NAME || '.' || TG_ARGV[0];
BEGIN
INSERT INTO tallies (name, value, slot, total)
VALUES (called, seen, {slot}, -1), (called, fresh, {slot}, 1)
{add};
RETURN NULL;
END $$
"""

POSTGRESQL_MOVE = """
CREATE TRIGGER tallies_{table}_{column} AFTER UPDATE OF {column} ON {table}
FOR EACH ROW WHEN (OLD.{column} <> NEW.{column})
EXECUTE FUNCTION tallies_moved('{column}')
"""

SLOT = f"pg_backend_pid() % {SLOTS}"

ALL_ROWS = "SELECT '{table}', {value}, {slot}, {sign} * count(*) FROM {rows} HAVING count(*) > 0"
BY_COLUMN = """
SELECT '{table}.{column}', {column}, {slot}, {sign} * count(*) FROM {rows} GROUP BY {column}
"""
COUNTED = "INSERT INTO tallies (name, value, slot, total) {parts}"


def upgrade() -> None:
    """Make the table, let triggers keep it, and count what is there."""
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "value", "slot", name="pk_tallies"),
        # Room for a new version of each row on its own page.
        postgresql_with={"fillfactor": 50},
    )
    if _on_postgresql():
        op.execute(POSTGRESQL_MOVED.format(slot=SLOT, add=ADD))
    for table, columns in TALLIED.items():
        # Triggers first: on PostgreSQL making one waits for writers, and new ones wait for it.
        (_trigger_postgresql if _on_postgresql() else _trigger_sqlite)(table, columns)
        _count(table, columns)


def downgrade() -> None:
    """Forget the numbers."""
    for table, columns in TALLIED.items():
        for trigger in ("insert", "delete", *columns):
            on_table = f" ON {table}" if _on_postgresql() else ""
            op.execute(f"DROP TRIGGER tallies_{table}_{trigger}{on_table}")
        if _on_postgresql():
            op.execute(f"DROP FUNCTION tallies_{table}")
    if _on_postgresql():
        op.execute("DROP FUNCTION tallies_moved")
    op.drop_table("tallies")


def _trigger_sqlite(table: str, columns: tuple[str, ...]) -> None:
    for event, side, sign in (("insert", "NEW", 1), ("delete", "OLD", -1)):
        parts = [f"('{table}', {EVERY}, 0, {sign})"]
        parts += [f"('{table}.{column}', {side}.{column}, 0, {sign})" for column in columns]
        op.execute(SQLITE_TRIGGER.format(table=table, event=event, parts=", ".join(parts), add=ADD))
    for column in columns:
        op.execute(SQLITE_MOVE.format(table=table, column=column, add=ADD))


def _trigger_postgresql(table: str, columns: tuple[str, ...]) -> None:
    parts = _parts(table, columns, rows="changed", sign="TG_ARGV[0]::bigint", slot=SLOT)
    op.execute(POSTGRESQL_FUNCTION.format(table=table, parts=parts, add=ADD))
    for event, side, sign in (("insert", "NEW", 1), ("delete", "OLD", -1)):
        op.execute(POSTGRESQL_TRIGGER.format(table=table, event=event, side=side, sign=sign))
    for column in columns:
        op.execute(POSTGRESQL_MOVE.format(table=table, column=column))


def _count(table: str, columns: tuple[str, ...]) -> None:
    parts = _parts(table, columns, rows=table, sign="1", slot="0")
    op.execute(COUNTED.format(parts=parts))


def _parts(table: str, columns: tuple[str, ...], **how: str) -> str:
    """What ``rows`` add to the tallies, all of them and by each column."""
    every = ALL_ROWS.format(table=table, value=EVERY, **how)
    by_column = (BY_COLUMN.format(table=table, column=column, **how) for column in columns)
    return " UNION ALL ".join((every, *by_column))


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
