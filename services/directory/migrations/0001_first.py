"""The tables of the directory, as first made."""

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "directory_0001"
down_revision = None
branch_labels = ("directory",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("duties", sa.JSON(), nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.String(length=64), nullable=False, index=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
    )
    op.create_table(
        "duties",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
    )
    op.create_table(
        "traits",
        sa.Column("entry_id", sa.String(length=64), primary_key=True),
        sa.Column("name", sa.String(length=20), primary_key=True),
        sa.Column("value", sa.String(length=64), primary_key=True),
    )
    op.create_index("traits_value", "traits", ["name", "value", "entry_id"])
    op.create_table(
        "publications",
        sa.Column("revision", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
    )
