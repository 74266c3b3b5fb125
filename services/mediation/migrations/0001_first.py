"""The tables of mediation, as first made."""

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "mediation_0001"
down_revision = None
branch_labels = ("mediation",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("rule_set", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("directory_revision", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.Column("overlays", sa.JSON(), nullable=False),
        sa.Column("parallel", sa.JSON(), nullable=False),
        sa.Column("assigned", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "dossiers",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index(
        "dossiers_due",
        "dossiers",
        ["next_try"],
        unique=False,
        sqlite_where=sa.text("next_try IS NOT NULL"),
        postgresql_where=sa.text("next_try IS NOT NULL"),
    )
    op.create_table(
        "mediations",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=15), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("route", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("safety_hold", sa.Boolean(), nullable=False),
        sa.Column("risk", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("consent_refused", sa.Boolean(), nullable=False),
        sa.Column("committee_id", sa.String(length=64), nullable=True),
        sa.Column("mediator_id", sa.String(length=64), nullable=True),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index(
        "mediations_area",
        "mediations",
        ["area", "state", "since", "case_id", "route"],
        unique=False,
    )
    op.create_index(
        "mediations_committee",
        "mediations",
        ["committee_id", "state", "since", "case_id", "route"],
        unique=False,
    )
    op.create_index(
        "mediations_mediator",
        "mediations",
        ["mediator_id", "state", "since", "case_id", "area", "route"],
        unique=False,
    )
    op.create_index(
        "mediations_route", "mediations", ["route", "state", "since", "case_id"], unique=False
    )
    op.create_index("mediations_since", "mediations", ["since", "case_id"], unique=False)
    op.create_index("mediations_state", "mediations", ["state", "since", "case_id"], unique=False)
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
        "recusals",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "member_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rooms",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("mediator_id", sa.String(length=64), nullable=False),
        sa.Column("prosecutor_id", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("room_id"),
        sa.UniqueConstraint("case_id"),
    )
    op.create_index(
        "rooms_open",
        "rooms",
        ["opened_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "rooms_prosecutor",
        "rooms",
        ["prosecutor_id", "case_id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "sessions",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("session_no", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("parties_present", sa.Integer(), nullable=False),
        sa.Column("joint", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "session_no"),
    )
    op.create_table(
        "timeline",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event_type", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("state_before", sa.String(length=20), nullable=True),
        sa.Column("state_after", sa.String(length=20), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "event_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "workloads",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member_id"),
        sqlite_with_rowid=False,
    )
