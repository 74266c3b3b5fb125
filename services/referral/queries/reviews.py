"""Reviews by a procuratorate."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.referral.models import Review, reviews_of
from shared.auth.actor import Actor
from shared.auth.sealing import Sealer
from shared.errors import NotFound
from shared.messaging.replica import Directory, Named, directory, named


@dataclass(frozen=True, kw_only=True)
class ReviewView:
    """``note`` is what the referral officer wrote to the procuratorate."""

    review_id: UUID
    lead_id: UUID
    procuratorate: Named | None
    member: Named | None
    state: str
    note: str | None
    opened_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    document_no: str | None
    version: int


_SAME = {field.name for field in fields(ReviewView)} - {"procuratorate", "member", "note"}


def review(session: Session, review_id: UUID, by: Actor, words: Sealer | None) -> ReviewView:
    """Raises NotFound, also for one out of the actor's reach."""
    found = session.scalar(select(Review).where(Review.review_id == review_id, reviews_of(by)))
    if found is None:
        raise NotFound("There is no such record.")
    return _view(found, directory(session), words)


def reviews_about(session: Session, lead_id: UUID, words: Sealer | None) -> Sequence[ReviewView]:
    """All of one lead, the newest first. Whoever asks may read the lead: check that first."""
    known = directory(session)
    query = select(Review).where(Review.lead_id == lead_id).order_by(Review.opened_at.desc())
    return [_view(found, known, words) for found in session.scalars(query)]


def _view(found: Review, known: Directory, words: Sealer | None) -> ReviewView:
    same = {name: getattr(found, name) for name in _SAME}
    note = None
    if words and found.note:
        note = words.open(found.note, about=f"{found.review_id}:note").decode()
    return ReviewView(
        **same,
        procuratorate=named(known, found.procuratorate_id),
        member=named(known, found.member_id),
        note=note,
    )
