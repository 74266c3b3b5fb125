"""What is kept beside the entries: declared conflicts of interest, and what was handed over."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.directory.models.entries import Base

CONFLICT = "directory.conflict"
"""What the words of a declaration are sealed for."""


class Conflict(Base):
    """A member is bound to somebody: kin, an employer, a post held. The other side is an
    organisation of the directory, or words that are sealed.
    """

    __tablename__ = "conflicts"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(64))
    organisation_id: Mapped[str | None] = mapped_column(String(64))
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    declared_at: Mapped[datetime]


class Handover(Base):
    """Somebody else was to have an item; whether they do, its service knows."""

    __tablename__ = "handovers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64), index=True)
    successor_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    item_id: Mapped[UUID]
    ordered_at: Mapped[datetime]
    ordered_by: Mapped[str] = mapped_column(String(80))
