"""The tables of intake, as first made."""

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "intake_0001"
down_revision = None
branch_labels = ("intake",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("filer", sa.String(length=80), nullable=True),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("community", sa.String(length=12), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("grid", sa.String(length=15), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("route", sa.String(length=64), nullable=True),
        sa.Column("organisation_id", sa.String(length=64), nullable=True),
        sa.Column("mediator_id", sa.String(length=64), nullable=True),
        sa.Column("prosecutor_id", sa.String(length=64), nullable=True),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("receipt"),
        sqlite_autoincrement=True,
    )
    op.create_index("disputes_category", "disputes", ["category", "filed_at", "id"], unique=False)
    op.create_index("disputes_area", "disputes", ["area", "filed_at", "id"], unique=False)
    op.create_index(
        "disputes_filer",
        "disputes",
        ["filer", "filed_at", "id", "state"],
        unique=False,
        sqlite_where=sa.text("filer IS NOT NULL"),
        postgresql_where=sa.text("filer IS NOT NULL"),
    )
    op.create_index(
        "disputes_grid",
        "disputes",
        ["grid", "filed_at", "id"],
        unique=False,
        sqlite_where=sa.text("grid IS NOT NULL"),
        postgresql_where=sa.text("grid IS NOT NULL"),
    )
    op.create_index(
        "disputes_prosecutor_id",
        "disputes",
        ["prosecutor_id", "filed_at", "id", "state"],
        unique=False,
        sqlite_where=sa.text("prosecutor_id IS NOT NULL"),
        postgresql_where=sa.text("prosecutor_id IS NOT NULL"),
    )
    op.create_index(
        "disputes_mediator_id",
        "disputes",
        ["mediator_id", "filed_at", "id", "state"],
        unique=False,
        sqlite_where=sa.text("mediator_id IS NOT NULL"),
        postgresql_where=sa.text("mediator_id IS NOT NULL"),
    )
    op.create_index(
        "disputes_organisation_id",
        "disputes",
        ["organisation_id", "filed_at", "id", "state"],
        unique=False,
        sqlite_where=sa.text("organisation_id IS NOT NULL"),
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.create_index("disputes_newest", "disputes", ["filed_at", "id"], unique=False)
    op.create_index("disputes_state", "disputes", ["state", "filed_at", "id"], unique=False)
    op.create_table(
        "leads",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("filer", sa.String(length=64), nullable=True),
        sa.Column("informant_ref", sa.Uuid(), nullable=True),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=True),
        sa.Column("community", sa.String(length=12), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("grid", sa.String(length=15), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("route", sa.String(length=64), nullable=True),
        sa.Column("officer_id", sa.String(length=64), nullable=True),
        sa.Column("organisation_id", sa.String(length=64), nullable=True),
        sa.Column("member_id", sa.String(length=64), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_state", sa.String(length=64), nullable=True),
        sa.Column("review_state", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("receipt"),
        sqlite_autoincrement=True,
    )
    op.create_index("leads_area", "leads", ["area", "filed_at", "id"], unique=False)
    op.create_index("leads_field", "leads", ["field", "filed_at", "id"], unique=False)
    op.create_index(
        "leads_filer",
        "leads",
        ["filer", "filed_at", "id", "state"],
        unique=False,
        sqlite_where=sa.text("filer IS NOT NULL"),
        postgresql_where=sa.text("filer IS NOT NULL"),
    )
    op.create_index(
        "leads_grid",
        "leads",
        ["grid", "filed_at", "id"],
        unique=False,
        sqlite_where=sa.text("grid IS NOT NULL"),
        postgresql_where=sa.text("grid IS NOT NULL"),
    )
    op.create_index(
        "leads_member_id",
        "leads",
        ["member_id", "filed_at", "id", "state"],
        unique=False,
        sqlite_where=sa.text("member_id IS NOT NULL"),
        postgresql_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_index(
        "leads_organisation_id",
        "leads",
        ["organisation_id", "filed_at", "id", "state"],
        unique=False,
        sqlite_where=sa.text("organisation_id IS NOT NULL"),
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.create_index("leads_newest", "leads", ["filed_at", "id"], unique=False)
    op.create_index("leads_state", "leads", ["state", "filed_at", "id"], unique=False)
