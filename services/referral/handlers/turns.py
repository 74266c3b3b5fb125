"""What all moves share: taking turns on a lead, the actor's view of it, and its history."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from services.referral.models import Lead, Order, Review, timeline
from services.referral.relations import load_lead, load_order, load_review
from shared.auth.actor import Actor, Viewer
from shared.db import Transaction
from shared.errors import VersionMoved
from shared.events import LeadEvent
from shared.events.referral import LeadRouted


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A lead, an order or a review in the version that ``by`` saw when deciding what to do."""

    id: UUID
    version: int
    by: Actor


def take_lead(tx: Transaction, seen: Seen, action: str) -> Lead:
    """The lead, which nobody else changes before the end of the transaction.

    Raises what ``load_lead`` does, or VersionMoved.
    """
    lead = load_lead(tx.session, _viewer(tx, seen), action, seen.id, lock=True).row
    _check_version(lead.version, seen)
    return lead


def take_order(tx: Transaction, seen: Seen, action: str) -> tuple[Order, Lead]:
    """Likewise, with its lead."""
    order = load_order(tx.session, _viewer(tx, seen), action, seen.id).row
    lead = _lock(tx, order.lead_id)
    _check_version(order.version, seen)
    return order, lead


def take_review(tx: Transaction, seen: Seen, action: str) -> tuple[Review, Lead]:
    """Likewise, with its lead."""
    review = load_review(tx.session, _viewer(tx, seen), action, seen.id).row
    lead = _lock(tx, review.lead_id)
    _check_version(review.version, seen)
    return review, lead


def announce(tx: Transaction, event: LeadEvent, *, before: str | None, after: str) -> None:
    """Publish the event, and add it to the lead's history."""
    event_id = tx.emit(event)
    row = {
        "lead_id": event.lead_id,
        "event_id": event_id,
        "at": tx.now,
        "event_type": event.event_type,
        "actor": tx.actor,
        "role": tx.role,
        "state_before": before,
        "state_after": after,
        "details": _details(event),
    }
    tx.insert(timeline, row)


def _details(event: LeadEvent) -> dict[str, object]:
    if isinstance(event, LeadRouted):
        return {"route": event.decision.route, "rule": event.decision.rule}
    found: dict[str, object] = msgspec.to_builtins(event)
    del found["lead_id"]
    return found


def _viewer(tx: Transaction, seen: Seen) -> Viewer:
    return Viewer(actor=seen.by, now=tx.now)


def _lock(tx: Transaction, lead_id: UUID) -> Lead:
    """Every change takes the lead first, so that two of them never wait for each other."""
    return tx.session.get_one(Lead, lead_id, with_for_update=True)


def _check_version(version: int, seen: Seen) -> None:
    if version != seen.version:
        raise VersionMoved("Someone else has changed this case. Please reload.")
