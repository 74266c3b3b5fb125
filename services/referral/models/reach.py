"""Which leads, orders and reviews an actor may know of; what is out of reach looks like absent."""

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.referral.models.leads import Lead
from services.referral.models.orders import Order
from services.referral.models.reviews import Review
from services.referral.policy import AGENCY, BY_AREA, BY_ASSIGNMENT, BY_PROCURATORATE
from shared.auth.actor import Actor
from shared.db.areas import within

FEW = 500


def leads_of(actor: Actor) -> ColumnElement[bool]:
    """The leads that the actor's roles reach: of their areas, or sent to them."""
    reached: list[ColumnElement[bool]] = []
    if actor.roles & BY_AREA:
        reached.append(_in_any(Lead.area, actor.areas))
    reached += [_reviewed(condition) for condition in _sent(actor)]
    return or_(false(), *reached)


def reached_areas(actor: Actor) -> frozenset[str] | None:
    """The areas whose leads the actor reaches; None when some reach others, too, or all."""
    if actor.roles & (BY_ASSIGNMENT | BY_PROCURATORATE):
        return None
    return frozenset(actor.areas) if actor.roles & BY_AREA else frozenset()


def few_leads_of(session: Session, actor: Actor) -> ColumnElement[bool]:
    """As ``leads_of``, but by their ids where it is only some that were sent to the actor: to look
    for few among many, one by one, takes long.
    """
    if actor.roles & BY_AREA or not actor.roles & (BY_ASSIGNMENT | BY_PROCURATORATE):
        return leads_of(actor)
    sent = or_(false(), *_sent(actor))
    found = set(session.scalars(select(Review.lead_id).where(sent).limit(FEW)))
    return leads_of(actor) if len(found) == FEW else Lead.lead_id.in_(found)


def orders_of(actor: Actor) -> ColumnElement[bool]:
    """An agency's own orders; those of the leads that the other roles reach."""
    reached: list[ColumnElement[bool]] = []
    if actor.roles & BY_AREA:
        reached.append(_in_any(Order.area, actor.areas))  # the lead's area, too
    reached += [
        exists().where(Review.lead_id == Order.lead_id, condition) for condition in _sent(actor)
    ]
    if actor.organisation_id is not None and actor.roles & AGENCY:
        reached.append(Order.agency_id == actor.organisation_id)
    return or_(false(), *reached)


def reviews_of(actor: Actor) -> ColumnElement[bool]:
    return exists().where(Lead.lead_id == Review.lead_id, leads_of(actor))


def _in_any(column: InstrumentedAttribute[str], areas: Iterable[str]) -> ColumnElement[bool]:
    return or_(false(), *(within(column, area) for area in sorted(areas)))


def _sent(actor: Actor) -> Iterator[ColumnElement[bool]]:
    if actor.roles & BY_ASSIGNMENT:
        yield Review.member_id == actor.id
    if actor.roles & BY_PROCURATORATE:
        yield Review.procuratorate_id == actor.organisation_id


def _reviewed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Review.lead_id == Lead.lead_id, condition)
