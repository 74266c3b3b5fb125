"""Reviews by a procuratorate, and the moves they make."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.referral.lifecycle import REVIEW_MOVES, ReviewState, check_move
from services.referral.models.base import Base
from shared.events.referral import ReviewAcknowledged, ReviewAssigned, ReviewClosed


class Review(Base):
    """A named person at a procuratorate looks at the lead. ``note`` are the referral officer's
    words to them, sealed; ``document_no`` is the number of the decision's paper.
    """

    __tablename__ = "reviews"

    review_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    procuratorate_id: Mapped[str]
    member_id: Mapped[str]
    state: Mapped[str]
    note: Mapped[bytes | None]
    opened_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    document_no: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("reviews_by_lead", "lead_id", "opened_at"),
        Index("reviews_by_member", "member_id", "lead_id"),
        Index("reviews_by_procuratorate", "procuratorate_id", "lead_id"),
    )

    def acknowledge(self, now: datetime) -> ReviewAcknowledged:
        self._move(ReviewState.ACKNOWLEDGED)
        self.acknowledged_at = now
        return ReviewAcknowledged(lead_id=self.lead_id, review_id=self.review_id)

    def close(self, outcome: str, document_no: str | None, now: datetime) -> ReviewClosed:
        self._move(ReviewState.CLOSED)
        self.closed_at, self.outcome, self.document_no = now, outcome, document_no
        return ReviewClosed(lead_id=self.lead_id, review_id=self.review_id, outcome=outcome)

    def hand_over(self, successor_id: str) -> ReviewAssigned:
        self.member_id = successor_id
        return ReviewAssigned(
            lead_id=self.lead_id, review_id=self.review_id, member_id=successor_id
        )

    def _move(self, wanted: ReviewState) -> None:
        check_move(REVIEW_MOVES, ReviewState(self.state), wanted)
        self.state = wanted
