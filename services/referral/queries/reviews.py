"""Reviews by a procuratorate."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.referral.models import Review
from services.referral.policy import NOTE
from services.referral.relations import load_review, reviews_of, shown
from shared.auth.actor import Viewer
from shared.auth.relations import Relation
from shared.auth.sealing import Sealer
from shared.db.scope import Found
from shared.messaging.replica import Directory, Named, directory, named


@dataclass(frozen=True, kw_only=True)
class ReviewView:
    """``note`` is what the referral officer wrote to the procuratorate. ``relations``: what the
    reader is to it.
    """

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
    relations: frozenset[Relation]


_READ = "review.read"
_MADE = {"procuratorate", "member", "note", "relations"}
_SAME = {field.name for field in fields(ReviewView)} - _MADE


def review(session: Session, viewer: Viewer, review_id: UUID, words: Sealer | None) -> ReviewView:
    """``words`` opens the note, for those who may read it. Raises NotFound, also for one out of the
    actor's reach.
    """
    found = load_review(session, viewer, _READ, review_id)
    return _view(found, directory(session), words)


def reviews_about(
    session: Session, viewer: Viewer, lead_id: UUID, words: Sealer | None
) -> Sequence[ReviewView]:
    """Those of one lead that the actor may read, the newest first."""
    known = directory(session)
    return [_view(found, known, words) for found in reviews_of(session, viewer, _READ, lead_id)]


def _view(of: Found[Review], known: Directory, words: Sealer | None) -> ReviewView:
    found = of.row
    same = {name: getattr(found, name) for name in _SAME}
    note = None
    if words and found.note and NOTE in shown(of):
        note = words.open(found.note, about=f"{found.review_id}:note").decode()
    return ReviewView(
        **same,
        procuratorate=named(known, found.procuratorate_id),
        member=named(known, found.member_id),
        note=note,
        relations=of.relations,
    )
