"""One lead with all that belongs to it, as far as the reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from services.referral.policy import POLICY
from services.referral.queries.leads import Listed, lead, row
from services.referral.queries.orders import OrderView, orders_about
from services.referral.queries.reviews import ReviewView, reviews_about
from services.referral.queries.texts import TextView, text
from shared.auth.actor import Actor
from shared.auth.sealing import Sealer
from shared.messaging.replica import Named, directory, named


@dataclass(frozen=True, kw_only=True)
class Openers:
    """Open what is sealed: texts of intake, and words written here."""

    texts: Sealer
    words: Sealer


@dataclass(frozen=True, kw_only=True)
class LeadFile(Listed):
    """Orders and reviews with the newest first; those the reader may not see are left out."""

    text: TextView
    orders: Sequence[OrderView]
    reviews: Sequence[ReviewView]


def lead_file(session: Session, lead_id: UUID, by: Actor, openers: Openers) -> LeadFile:
    """Raises NotFound, also for a lead out of the actor's reach."""
    found = lead(session, lead_id, by)
    told = POLICY.allows(by, "lead.read_text")
    words = openers.words if told else None
    return LeadFile(
        **row(found, directory(session)),
        text=text(session, lead_id, openers.texts if told else None),
        orders=orders_about(session, lead_id, by, words) if POLICY.allows(by, "order.read") else (),
        reviews=reviews_about(session, lead_id, words) if POLICY.allows(by, "review.read") else (),
    )


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
