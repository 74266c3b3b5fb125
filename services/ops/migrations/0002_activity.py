"""Events are counted by who published them, and when."""

from alembic import op

revision = "ops_0002"
down_revision = "ops_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("hops_by_source", "hops", ["source", "appended_at"], unique=False)
