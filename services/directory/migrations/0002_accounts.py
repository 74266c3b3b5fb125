"""Accounts, sessions and API tokens."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from shared.db.types import UtcDateTime

revision = "directory_0002"
down_revision = "directory_0001"
branch_labels = None
depends_on = None

HASH = sa.LargeBinary(32)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("login", sa.String(length=64), nullable=False, unique=True),
        sa.Column("password", sa.String(length=200)),
        sa.Column("initial", sa.Boolean(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.LargeBinary()),
        sa.Column("pending_seed", sa.LargeBinary()),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.String(length=255)),
        sa.Column("subject", sa.String(length=255)),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "account_members",
        sa.Column("member_id", sa.String(length=64), primary_key=True),
        _account(index=True),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("token_hash", HASH, nullable=False, unique=True),
        _account(index=True),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("authenticated_at", UtcDateTime(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
    )
    op.create_index("sessions_seen", "sessions", ["seen_at"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("token_hash", HASH, nullable=False, unique=True),
        sa.Column("member_id", sa.String(length=64), nullable=False, index=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "recovery_codes",
        _account(primary_key=True),
        sa.Column("code_hash", HASH, primary_key=True),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=64), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("blocked_until", UtcDateTime()),
    )
    op.create_index("attempts_since", "attempts", ["since"])


def _account(*, primary_key: bool = False, index: bool = False) -> sa.Column[UUID]:
    return sa.Column(
        "account_id",
        sa.Uuid(),
        sa.ForeignKey("accounts.id"),
        nullable=False,
        primary_key=primary_key,
        index=index,
    )
