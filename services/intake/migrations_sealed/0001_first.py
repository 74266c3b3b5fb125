"""The sealed tables of intake, as first made."""

import sqlalchemy as sa
from alembic import op

revision = "intake_sealed_0001"
down_revision = None
branch_labels = ("intake_sealed",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "informants",
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "links",
        sa.Column("dispute", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dispute"),
        sqlite_with_rowid=False,
    )
