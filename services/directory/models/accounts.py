"""The tables of signing in. Whatever opens a door stands here as a hash, or sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.directory.models.entries import Base
from shared.db.types import UtcDateTime

HASH = LargeBinary(32)
LONGEST_LOGIN = 64


class Account(Base):
    """One person's way in. ``initial``: the password was given to them and opens nothing but the
    page where they choose their own. ``issuer`` and ``subject`` are what an OpenID provider knows
    them by. ``last_step`` is the newest time step whose code was used.
    """

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(LONGEST_LOGIN), unique=True)
    password: Mapped[str | None] = mapped_column(String(200))
    initial: Mapped[bool]
    locked: Mapped[bool] = mapped_column(default=False)
    seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pending_seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    issuer: Mapped[str | None] = mapped_column(String(255))
    subject: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime]

    @property
    def has_second_factor(self) -> bool:
        return self.seed is not None


account_members = Table(
    "account_members",
    Base.metadata,
    Column("member_id", String(64), primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
)
"""A member is one person in one organisation; a person who works in two has two of them."""

sessions = Table(
    "sessions",
    Base.metadata,
    Column("id", Uuid, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("member_id", String(64), nullable=False),
    Column("device", String(60), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("authenticated_at", UtcDateTime, nullable=False),
    Column("second_factor", Boolean, nullable=False),
)
"""A row lives as long as the session. ``member_id`` is as whom the person acts in it."""
Index("sessions_seen", sessions.c.seen_at)

api_tokens = Table(
    "api_tokens",
    Base.metadata,
    Column("id", Uuid, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("member_id", String(64), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""What scripts show: acts as the member, with the rights the member has when it is shown."""

recovery_codes = Table(
    "recovery_codes",
    Base.metadata,
    Column("account_id", Uuid, ForeignKey("accounts.id"), primary_key=True),
    Column("code_hash", HASH, primary_key=True),
)
"""Each stands in for the second factor once; a used one is deleted."""

attempts = Table(
    "attempts",
    Base.metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("blocked_until", UtcDateTime),
)
"""Tries to sign in, by keyed fingerprints of what was tried and of where from."""
Index("attempts_since", attempts.c.since)
