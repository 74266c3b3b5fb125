"""When sessions are to be held."""

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "mediation_0003"
down_revision = "mediation_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("session_no", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("joint", sa.Boolean(), nullable=False),
        sa.Column("comes", sa.Boolean(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "session_no"),
    )
    op.create_index("appointments_day", "appointments", ["day", "begins", "case_id"], unique=False)
