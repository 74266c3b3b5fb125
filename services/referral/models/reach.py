"""Which leads, orders and reviews an actor may know of; what is out of reach looks like absent."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, exists, false, or_

from services.referral.models.base import LONGEST_AREA
from services.referral.models.leads import Lead
from services.referral.models.orders import Order
from services.referral.models.reviews import Review
from services.referral.policy import AGENCY, BY_AREA, BY_ASSIGNMENT, BY_PROCURATORATE
from shared.auth.actor import Actor


def leads_of(actor: Actor) -> ColumnElement[bool]:
    """The leads that the actor's roles reach: of their areas, or sent to them."""
    reached: list[ColumnElement[bool]] = []
    if actor.roles & BY_AREA:
        reached.append(within(actor.areas))
    if actor.roles & BY_ASSIGNMENT:
        reached.append(_reviewed(Review.member_id == actor.id))
    if actor.roles & BY_PROCURATORATE:
        reached.append(_reviewed(Review.procuratorate_id == actor.organisation_id))
    return or_(false(), *reached)


def orders_of(actor: Actor) -> ColumnElement[bool]:
    """An agency's own orders; those of the leads that the other roles reach."""
    reached = exists().where(Lead.lead_id == Order.lead_id, leads_of(actor))
    if actor.organisation_id is None or not actor.roles & AGENCY:
        return reached
    own = Order.agency_id == actor.organisation_id
    return or_(own, reached) if actor.roles - AGENCY else own


def reviews_of(actor: Actor) -> ColumnElement[bool]:
    return exists().where(Lead.lead_id == Review.lead_id, leads_of(actor))


def within(areas: Iterable[str]) -> ColumnElement[bool]:
    """The lead's area is one of these or lies in one. A range, so that an index serves it: codes
    of lower levels begin with those of the higher.
    """
    return or_(
        false(),
        *(
            and_(Lead.area >= area, Lead.area <= area.ljust(LONGEST_AREA, "9"))
            for area in sorted(areas)
        ),
    )


def _reviewed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Review.lead_id == Lead.lead_id, condition)
