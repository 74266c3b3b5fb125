"""One lead with all that belongs to it, as far as the reader may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.referral.models import Lead, Order, Review
from services.referral.policy import AUDIT, BREAK_GLASS, POLICY, READ, TEXT
from services.referral.queries.leads import Listed, row
from services.referral.queries.orders import OrderView, orders_about
from services.referral.queries.reviews import ReviewView, reviews_about
from services.referral.queries.texts import TextView, text
from services.referral.relations import leads_within, load_lead, orders_within, shown
from shared.auth.actor import Viewer
from shared.auth.policy import FULL, Obligation
from shared.auth.sealing import Sealer
from shared.db.scope import Found, decided
from shared.errors import NotFound
from shared.messaging.replica import Named, directory, named
from shared.service import Known, uuids


@dataclass(frozen=True, kw_only=True)
class Openers:
    """Open what is sealed: texts of intake, and words written here."""

    texts: Sealer
    words: Sealer


@dataclass(frozen=True, kw_only=True)
class LeadFile(Listed):
    """Orders and reviews with the newest first; those the reader may not see are left out.
    ``to_open``: what the reader can do to see more of it; ``audited``: they may know who saw it.
    """

    text: TextView
    orders: Sequence[OrderView]
    reviews: Sequence[ReviewView]
    to_open: str | None
    audited: bool
    found: Found[Lead]

    @property
    def whole(self) -> bool:
        """Whether the reader works on it, and does not only see what becomes of it."""
        return self.found.decision.mask == FULL


def lead_file(session: Session, viewer: Viewer, lead_id: UUID, openers: Openers) -> LeadFile:
    """Raises NotFound, also for a lead out of the actor's reach."""
    found = load_lead(session, viewer, READ, lead_id)
    told = shown(found)
    return LeadFile(
        **row(found.row, directory(session)),
        text=text(session, lead_id, openers.texts if TEXT in told else None),
        orders=orders_about(session, viewer, lead_id, openers.words),
        reviews=reviews_about(session, viewer, lead_id, openers.words),
        to_open=_to_open(viewer, found),
        audited=POLICY.decide(viewer.actor, AUDIT, found.relations).allow,
        found=found,
    )


def records_of(session: Session, viewer: Viewer, lead_id: UUID) -> Sequence[str]:
    """The ids of the lead, its orders and its reviews, for who may know who saw them. Raises
    NotFound or Forbidden.
    """
    load_lead(session, viewer, AUDIT, lead_id)
    orders = session.scalars(select(Order.order_id).where(Order.lead_id == lead_id))
    reviews = session.scalars(select(Review.review_id).where(Review.lead_id == lead_id))
    return [str(each) for each in (lead_id, *orders, *reviews)]


def audited(session: Session, viewer: Viewer, number: str) -> Sequence[str]:
    """As ``records_of``, by the number of the lead."""
    lead_id = session.scalar(select(Lead.lead_id).where(Lead.number == number))
    if lead_id is None:
        raise NotFound("There is no such record.")
    return records_of(session, viewer, lead_id)


def records(session: Session, viewer: Viewer, ids: Sequence[str]) -> Mapping[str, Known]:
    """The numbers of those leads and orders that may be looked at."""
    wanted = uuids(ids)
    leads = select(Lead.lead_id, Lead.number).where(
        Lead.lead_id.in_(wanted), decided(leads_within(viewer, READ))
    )
    orders = select(Order.order_id, Order.number).where(
        Order.order_id.in_(wanted), decided(orders_within(viewer, "order.read"))
    )
    return {
        str(identifier): Known(text=number, path=f"/referral/{kind}/{identifier}")
        for kind, query in (("leads", leads), ("orders", orders))
        for identifier, number in session.execute(query)
    }


def _to_open(viewer: Viewer, found: Found[Lead]) -> str | None:
    """``open`` or ``break-glass``, as the addresses are called."""
    if Obligation.REASON in found.decision.obligations:
        return "open"
    glass = POLICY.decide(viewer.actor, BREAK_GLASS, found.relations).allow
    return "break-glass" if glass and TEXT not in shown(found) else None


def agencies_for(session: Session, found: Listed) -> Sequence[Named]:
    """The agencies that serve the lead's area; those with its duty first."""
    known = directory(session)
    serving = [
        agency
        for agency in known.organisations.values()
        if agency.kind == "agency" and any(found.area.id.startswith(area) for area in agency.areas)
    ]
    serving.sort(key=lambda agency: (found.duty not in agency.duties, agency.id))
    return [name for agency in serving if (name := named(known, agency.id)) is not None]
