"""The tables of operations, as first made."""

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "ops_0001"
down_revision = None
branch_labels = ("ops",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flows",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("area", sa.String(length=15), nullable=True),
        sa.Column("registered_at", UtcDateTime(), nullable=True),
        sa.Column("first_part", sa.Integer(), nullable=True),
        sa.Column("first_off", sa.BigInteger(), nullable=True),
        sa.Column("route", sa.String(length=64), nullable=True),
        sa.Column("rule", sa.String(length=64), nullable=True),
        sa.Column("routed_at", UtcDateTime(), nullable=True),
        sa.Column("holder_org", sa.String(length=64), nullable=True),
        sa.Column("holder_member", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("concluded_at", UtcDateTime(), nullable=True),
        sa.Column("last_type", sa.String(length=120), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index("flows_area", "flows", ["area", "registered_at", "subject"], unique=False)
    op.create_index(
        "flows_concluded",
        "flows",
        ["registered_at", "subject"],
        unique=False,
        sqlite_where=sa.text("concluded_at IS NOT NULL"),
        postgresql_where=sa.text("concluded_at IS NOT NULL"),
    )
    op.create_index("flows_newest", "flows", ["registered_at", "subject"], unique=False)
    op.create_index(
        "flows_newest_of_kind", "flows", ["kind", "registered_at", "subject"], unique=False
    )
    op.create_index("flows_number", "flows", ["number"], unique=False)
    op.create_index(
        "flows_undecided",
        "flows",
        ["registered_at", "subject"],
        unique=False,
        sqlite_where=sa.text("routed_at IS NULL"),
        postgresql_where=sa.text("routed_at IS NULL"),
    )
    op.create_index(
        "flows_unregistered",
        "flows",
        ["subject"],
        unique=False,
        sqlite_where=sa.text("registered_at IS NULL"),
        postgresql_where=sa.text("registered_at IS NULL"),
    )
    op.create_table(
        "hops",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=120), nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.Column("appended_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("causation_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("off", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "source", "sequence"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies",
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("registered", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("part"),
    )
