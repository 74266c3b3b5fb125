"""What a member has here that is not over, and how much others have."""

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from services.referral.lifecycle import LEAD, REVIEW, LeadState, ReviewState
from services.referral.models import Lead, Review
from shared.holdings import MOST_HELD, Held, Holdings, Loads

OPEN = tuple(str(state) for state in LeadState if state != LeadState.CLOSED)


def holdings(session: Session, member_id: str) -> Holdings:
    followed = (
        select(Lead)
        .where(Lead.officer_id == member_id, Lead.state.in_(OPEN))
        .order_by(Lead.registered_at)
        .limit(MOST_HELD)
    )
    still_theirs = and_(Lead.member_id == member_id, Lead.organisation_id.is_not(None))
    reviewed = (
        select(Lead)
        .join(Review, Review.lead_id == Lead.lead_id)
        .where(
            Review.member_id == member_id,
            Lead.state.in_(OPEN),
            or_(Review.state != ReviewState.CLOSED, still_theirs),
        )
        .distinct()
        .order_by(Lead.registered_at)
        .limit(MOST_HELD)
    )
    items = [_held(LEAD, lead) for lead in session.scalars(followed)]
    items += [_held(REVIEW, lead) for lead in session.scalars(reviewed)]
    return Holdings(items=items, loads=_loads(session))


def _held(kind: str, lead: Lead) -> Held:
    return Held(
        kind=kind,
        item_id=lead.lead_id,
        number=lead.number,
        state=lead.state,
        area=lead.area,
    )


def _loads(session: Session) -> Loads:
    followed = (
        select(Lead.officer_id, func.count())
        .where(Lead.officer_id.is_not(None), Lead.state.in_(OPEN))
        .group_by(Lead.officer_id)
    )
    reviewed = (
        select(Review.member_id, func.count())
        .where(Review.state != ReviewState.CLOSED)
        .group_by(Review.member_id)
    )
    return {
        LEAD: {str(member): count for member, count in session.execute(followed)},
        REVIEW: dict(session.execute(reviewed).all()),
    }
