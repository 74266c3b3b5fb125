"""Leads, and the moves they make."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.referral.lifecycle import MOVES, LeadState, check_move
from services.referral.models.base import AREA, Base
from shared.events.referral import LeadClosed, OfficerAssigned


class Lead(Base):
    """Exactly one has it at a time: an agency (``organisation_id`` alone), a named person at a
    procuratorate (both), or the referral officer (``member_id`` alone). ``officer_id`` is the
    officer of the street, who follows it all along; ``duty`` what an agency must answer for to get
    it; ``outcome`` what came of it, known from the moment feedback is due.
    """

    __tablename__ = "leads"

    lead_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    origin: Mapped[str]
    area: Mapped[str] = mapped_column(AREA)
    grid: Mapped[str | None] = mapped_column(AREA)
    category: Mapped[str | None]
    field: Mapped[str | None]
    duty: Mapped[str | None]
    route: Mapped[str]
    rule: Mapped[str]
    urgent: Mapped[bool]
    state: Mapped[str]
    outcome: Mapped[str | None]
    officer_id: Mapped[str | None]
    organisation_id: Mapped[str | None]
    member_id: Mapped[str | None]
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("leads_by_time", "registered_at", "lead_id"),
        Index("leads_by_state", "state", "registered_at", "lead_id"),
        Index("leads_by_area", "area", "registered_at", "lead_id"),
        Index("leads_by_state_and_area", "state", "area", "registered_at", "lead_id"),
        Index("leads_by_field", "field", "registered_at", "lead_id"),
        Index("leads_by_number", "number"),
    )

    def move(self, wanted: LeadState, now: datetime) -> None:
        check_move(MOVES, LeadState(self.state), wanted)
        self.state = wanted
        self.changed_at = now

    def give(self, *, organisation_id: str | None = None, member_id: str | None = None) -> None:
        """Somebody else has it from now on."""
        self.organisation_id, self.member_id = organisation_id, member_id

    def hand_over(self, member_id: str, successor_id: str) -> OfficerAssigned | None:
        """Another officer follows it; None when it is not this one's, or over."""
        if self.state == LeadState.CLOSED or self.officer_id != member_id:
            return None
        self.officer_id = successor_id
        holds = self.organisation_id is None and self.member_id == member_id
        if holds:
            self.give(member_id=successor_id)
        return OfficerAssigned(lead_id=self.lead_id, member_id=successor_id, holds=holds)

    def result(self, wanted: LeadState, outcome: str, now: datetime) -> None:
        """What an agency or the procuratorate came to; a final one makes feedback due at once."""
        self.move(wanted, now)
        if LeadState.FEEDBACK_DUE in MOVES[wanted]:
            self.move(LeadState.FEEDBACK_DUE, now)
        if self.state in {LeadState.FEEDBACK_DUE, LeadState.FILED}:
            self.outcome = outcome
        if self.state != LeadState.FILED:
            self.give(member_id=self.officer_id)

    def close(self, outcome: str, now: datetime) -> LeadClosed:
        self.move(LeadState.CLOSED, now)
        self.give()
        self.outcome = outcome
        return LeadClosed(lead_id=self.lead_id, outcome=outcome)
