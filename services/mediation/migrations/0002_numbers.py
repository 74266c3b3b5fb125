"""A case is found by its number."""

from alembic import op

revision = "mediation_0002"
down_revision = "mediation_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("mediations_number", "mediations", ["number"], unique=False)
