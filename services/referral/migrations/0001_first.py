"""The tables of referral, as first made."""

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "referral_0001"
down_revision = None
branch_labels = ("referral",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("rule_set", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("directory_revision", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.Column("overlays", sa.Text(), nullable=False),
        sa.Column("parallel", sa.Text(), nullable=False),
        sa.Column("assigned", sa.Text(), nullable=False),
        sa.Column("missing", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("lead_id"),
    )
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("grid", sa.String(length=15), nullable=True),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("field", sa.String(length=64), nullable=True),
        sa.Column("duty", sa.String(length=64), nullable=True),
        sa.Column("route", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("officer_id", sa.String(length=64), nullable=True),
        sa.Column("organisation_id", sa.String(length=64), nullable=True),
        sa.Column("member_id", sa.String(length=64), nullable=True),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id"),
    )
    op.create_index("leads_by_area", "leads", ["area", "registered_at", "lead_id"], unique=False)
    op.create_index("leads_by_field", "leads", ["field", "registered_at", "lead_id"], unique=False)
    op.create_index("leads_by_state", "leads", ["state", "registered_at", "lead_id"], unique=False)
    op.create_index(
        "leads_by_state_and_area",
        "leads",
        ["state", "area", "registered_at", "lead_id"],
        unique=False,
    )
    op.create_index("leads_by_time", "leads", ["registered_at", "lead_id"], unique=False)
    op.create_table(
        "openings",
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("review_by", UtcDateTime(), nullable=True),
        sa.Column("reviewed_at", UtcDateTime(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=64), nullable=True),
        sa.Column("result", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("opening_id"),
    )
    op.create_index("openings_member", "openings", ["member_id", "until", "case_id"], unique=False)
    op.create_index(
        "openings_to_review",
        "openings",
        ["review_by"],
        unique=False,
        sqlite_where=sa.text("review_by IS NOT NULL AND reviewed_at IS NULL"),
        postgresql_where=sa.text("review_by IS NOT NULL AND reviewed_at IS NULL"),
    )
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("agency_id", sa.String(length=64), nullable=False),
        sa.Column("duty", sa.String(length=64), nullable=True),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("grid", sa.String(length=15), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("objected_at", UtcDateTime(), nullable=True),
        sa.Column("objection", sa.String(length=64), nullable=True),
        sa.Column("replied_at", UtcDateTime(), nullable=True),
        sa.Column("result", sa.String(length=64), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index(
        "orders_by_agency", "orders", ["agency_id", "state", "opened_at", "order_id"], unique=False
    )
    op.create_index("orders_by_lead", "orders", ["lead_id", "opened_at"], unique=False)
    op.create_index("orders_by_state", "orders", ["state", "opened_at", "order_id"], unique=False)
    op.create_index("orders_by_time", "orders", ["opened_at", "order_id"], unique=False)
    op.create_index(
        "orders_one_at_a_time",
        "orders",
        ["lead_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('opened', 'acknowledged', 'replied')"),
        postgresql_where=sa.text("state IN ('opened', 'acknowledged', 'replied')"),
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("procuratorate_id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("document_no", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_index("reviews_by_lead", "reviews", ["lead_id", "opened_at"], unique=False)
    op.create_index("reviews_by_member", "reviews", ["member_id", "lead_id"], unique=False)
    op.create_index(
        "reviews_by_procuratorate", "reviews", ["procuratorate_id", "lead_id"], unique=False
    )
    op.create_table(
        "texts",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("copied_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("lead_id"),
    )
    op.create_index(
        "texts_due",
        "texts",
        ["next_try"],
        unique=False,
        sqlite_where=sa.text("next_try IS NOT NULL"),
        postgresql_where=sa.text("next_try IS NOT NULL"),
    )
    op.create_table(
        "timeline",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event_type", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("state_before", sa.String(length=64), nullable=True),
        sa.Column("state_after", sa.String(length=64), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "event_id"),
        sqlite_with_rowid=False,
    )
