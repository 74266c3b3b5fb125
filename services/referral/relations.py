"""What somebody is to a lead, an order or a review, in conditions; and the one way to get at it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from services.referral.models import OPENED, REASON_PURPOSE, Lead, Order, Review
from services.referral.policy import BREAK_GLASS, OPEN, OPENINGS, POLICY, READ, SHOWN
from shared.auth.actor import Viewer
from shared.auth.relations import Relation
from shared.db.openings import Openable, opened, opened_cases
from shared.db.scope import Conditions, Found, Wish, allowed, in_any, is_theirs, look_up, scope

_REVIEW = aliased(Review)
_LEAD = aliased(Lead)


def of_lead(viewer: Viewer) -> Conditions:
    return {
        Relation.AREA: in_any(Lead.area, viewer.actor.areas),
        Relation.HOLDER: _reviewed(Lead.lead_id, _by_name(viewer)),
        Relation.PROCURATORATE: _reviewed(Lead.lead_id, _sent(viewer)),
        Relation.OPENED: opened(OPENED, Lead.lead_id, viewer),
    }


def of_order(viewer: Viewer) -> Conditions:
    return {
        Relation.AGENCY: is_theirs(Order.agency_id, viewer.actor.organisation_id),
        Relation.AREA: in_any(Order.area, viewer.actor.areas),  # the lead's area, too
        Relation.HOLDER: _reviewed(Order.lead_id, _by_name(viewer)),
        Relation.PROCURATORATE: _reviewed(Order.lead_id, _sent(viewer)),
    }


def of_review(viewer: Viewer) -> Conditions:
    """A prosecutor has what was sent to them, and not what another one wrote about the lead."""
    actor = viewer.actor
    return {
        Relation.AREA: exists().where(
            _LEAD.lead_id == Review.lead_id, in_any(_LEAD.area, actor.areas)
        ),
        Relation.HOLDER: Review.member_id == actor.id,
        Relation.PROCURATORATE: is_theirs(Review.procuratorate_id, actor.organisation_id),
    }


def sent_to(viewer: Viewer, relation: Relation) -> Select[Any]:
    """The leads that reached the actor so: by name, or by their procuratorate."""
    how = _by_name(viewer) if relation is Relation.HOLDER else _sent(viewer)
    return select(_REVIEW.lead_id).where(how)


def opened_by(viewer: Viewer) -> Select[Any]:
    return opened_cases(OPENED, viewer)


def leads_within(viewer: Viewer, action: str) -> ColumnElement[bool]:
    return scope(of_lead(viewer), POLICY.relations(viewer.actor, action))


def orders_within(viewer: Viewer, action: str) -> ColumnElement[bool]:
    return scope(of_order(viewer), POLICY.relations(viewer.actor, action))


def load_lead(
    session: Session, viewer: Viewer, action: str, lead_id: UUID, *, lock: bool = False
) -> Found[Lead]:
    """``lock``: as in ``look_up``.

    Raises NotFound, also for one that the actor may not know of; Forbidden for one that they may
    know of, but not do this with. So do the others.
    """
    query = select(Lead).where(Lead.lead_id == lead_id)
    return look_up(session, query, of_lead(viewer), _wish(viewer, action, READ), lock=lock)


OPENABLE = Openable(
    table=OPENED,
    case=Lead.lead_id,
    purpose=REASON_PURPOSE,
    load=load_lead,
    within=leads_within,
    open_action=OPEN,
    glass_action=BREAK_GLASS,
    review_action=OPENINGS,
)


def load_order(session: Session, viewer: Viewer, action: str, order_id: UUID) -> Found[Order]:
    query = select(Order).where(Order.order_id == order_id)
    return look_up(session, query, of_order(viewer), _wish(viewer, action, "order.read"))


def load_review(session: Session, viewer: Viewer, action: str, review_id: UUID) -> Found[Review]:
    query = select(Review).where(Review.review_id == review_id)
    return look_up(session, query, of_review(viewer), _wish(viewer, action, "review.read"))


def orders_of(
    session: Session, viewer: Viewer, action: str, lead_id: UUID
) -> Iterator[Found[Order]]:
    """Those of one lead, the newest first."""
    query = select(Order).where(Order.lead_id == lead_id).order_by(Order.opened_at.desc())
    return allowed(session, query, of_order(viewer), _wish(viewer, action, "order.read"))


def reviews_of(
    session: Session, viewer: Viewer, action: str, lead_id: UUID
) -> Iterator[Found[Review]]:
    """Those of one lead, the newest first."""
    query = select(Review).where(Review.lead_id == lead_id).order_by(Review.opened_at.desc())
    return allowed(session, query, of_review(viewer), _wish(viewer, action, "review.read"))


def shown(found: Found[Any]) -> frozenset[str]:
    """What is told besides codes."""
    return SHOWN[found.decision.mask]


def _wish(viewer: Viewer, action: str, read: str) -> Wish:
    return Wish(policy=POLICY, viewer=viewer, action=action, read=read)


def _by_name(viewer: Viewer) -> ColumnElement[bool]:
    return _REVIEW.member_id == viewer.actor.id


def _sent(viewer: Viewer) -> ColumnElement[bool]:
    return is_theirs(_REVIEW.procuratorate_id, viewer.actor.organisation_id)


def _reviewed(lead_id: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_REVIEW.lead_id == lead_id, condition)
