"""The tree, duties by area and time, leave, conflicts of interest, and handing over."""

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "directory_0003"
down_revision = "directory_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("parent_id", sa.String(length=64)))
    op.add_column(
        "organisations",
        sa.Column("responsibilities", sa.JSON(), nullable=False, server_default="[]"),
    )
    op.create_index("ix_organisations_parent_id", "organisations", ["parent_id"])
    op.add_column("members", sa.Column("leave_from", sa.Date()))
    op.add_column("members", sa.Column("leave_to", sa.Date()))
    turns = op.create_table("turns", sa.Column("only", sa.Integer(), primary_key=True))
    op.bulk_insert(turns, [{"only": 1}])
    op.create_table(
        "conflicts",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("member_id", sa.String(length=64), nullable=False, index=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.String(length=64)),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "handovers",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("member_id", sa.String(length=64), nullable=False, index=True),
        sa.Column("successor_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("ordered_by", sa.String(length=80), nullable=False),
    )
