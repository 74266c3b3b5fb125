"""Leads are found by their number."""

from alembic import op

revision = "referral_0002"
down_revision = "referral_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("leads_by_number", "leads", ["number"], unique=False)
