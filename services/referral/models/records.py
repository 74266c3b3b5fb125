"""What is kept beside a lead: how it was routed, what was written about it, its history."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.referral.models.base import CODE, Base
from shared.db.types import Document, UtcDateTime
from shared.events.roster import Roster


class Decided(Base):
    """How the route of a lead was found, with everything needed to explain it, or decide again:
    ``tried`` holds each rule in order and whether it matched, ``assigned`` who got the lead, and
    ``missing`` why nobody could be named.
    """

    __tablename__ = "decisions"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str]
    rule: Mapped[str]
    rule_set: Mapped[str]
    version: Mapped[str]
    valid_from: Mapped[date]
    decided_at: Mapped[datetime]
    directory_revision: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]]
    tried: Mapped[list[Any]]
    overlays: Mapped[list[Any]]
    parallel: Mapped[list[Any]]
    assigned: Mapped[dict[str, Any]]
    missing: Mapped[str | None]


class LeadText(Base):
    """What was written about the lead at intake, copied once, sealed. Never who wrote it."""

    __tablename__ = "texts"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes | None]
    copied_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)
    next_try: Mapped[datetime | None] = mapped_column()


Index(
    "texts_due",
    LeadText.next_try,
    sqlite_where=LeadText.next_try.is_not(None),
    postgresql_where=LeadText.next_try.is_not(None),
)

timeline = Table(
    "timeline",
    Base.metadata,
    Column("lead_id", Uuid, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("event_type", String(120), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("role", CODE, nullable=False),
    Column("state_before", CODE),
    Column("state_after", CODE, nullable=False),
    Column("details", Document, nullable=False),
    sqlite_with_rowid=False,
)
"""What happened to a lead here, one row per event published about it."""


@dataclass(frozen=True, kw_only=True)
class RoutingState:
    """The directory as it is known here, for a whole batch of leads."""

    revision: int
    roster: Roster
