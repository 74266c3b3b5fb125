"""The tables of the audit, and the triggers that let nobody change them."""

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "messaging_0002"
down_revision = "messaging_0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_log", "audit_seal", "audit_handed", "audit_checkpoint")

SQLITE_REFUSE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END
"""
SQLITE_REPLACE = """
CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
WHEN EXISTS (
    SELECT 1 FROM audit_log WHERE seq = NEW.seq
    UNION ALL SELECT 1 FROM audit_log WHERE id = NEW.id
    UNION ALL SELECT 1 FROM audit_log WHERE prev = NEW.prev
)
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END
"""
"""INSERT OR REPLACE takes rows out without asking the triggers for DELETE."""
SQLITE_MOVED = """
CREATE TRIGGER audit_new_no_delete BEFORE DELETE ON audit_new
WHEN NOT EXISTS (SELECT 1 FROM audit_log WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END
"""

POSTGRES_REFUSE = """
CREATE FUNCTION audit_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit rows are never changed'; END $$
"""
POSTGRES_MOVED = """
CREATE FUNCTION audit_moved_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_log WHERE id = OLD.id) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'audit rows are never changed';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_new",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_body(),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_body(),
        sa.Column("suite", sa.SmallInteger(), nullable=False),
        sa.Column("prev", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("prev"),
    )
    op.create_index("audit_log_resource", "audit_log", ["resource", "seq"])
    op.create_index("audit_log_actor", "audit_log", ["actor", "seq"])
    op.create_table(
        "audit_seal",
        *_seal(),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("first"),
    )
    op.create_table(
        "audit_handed",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("service", sa.String(length=40), nullable=False),
        *_seal(),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("service", "seq"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def _body() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=True),
        sa.Column("relation", sa.String(length=40), nullable=True),
        sa.Column("mask", sa.String(length=40), nullable=True),
        sa.Column("fields", sa.String(length=200), nullable=True),
        sa.Column("filters", sa.String(length=300), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
    )


def _seal() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
    )


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(SQLITE_REFUSE.format(table=table, verb=verb))
    op.execute(SQLITE_REPLACE)
    op.execute(SQLITE_REFUSE.format(table="audit_new", verb="update"))
    op.execute(SQLITE_MOVED)


def _guard_postgres() -> None:
    op.execute(POSTGRES_REFUSE)
    op.execute(POSTGRES_MOVED)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_never BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_never_changed()"
        )
    op.execute(
        "CREATE TRIGGER audit_new_never BEFORE UPDATE OR TRUNCATE ON audit_new"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_never_changed()"
    )
    op.execute(
        "CREATE TRIGGER audit_new_moved BEFORE DELETE ON audit_new"
        " FOR EACH ROW EXECUTE FUNCTION audit_moved_only()"
    )
