"""Notes every event about a case: one hop, and what it tells of where the case now is.

Events about one case arrive in order, so the last word on anything is right.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.ops.models import ADD_HOP, NOTHING_TOLD, RAISE_TALLY, TELL_FLOW
from shared.db import Delivered, Transaction
from shared.events import DIRECTORY, Event
from shared.events.intake import DisputeRegistered, LeadRegistered
from shared.events.mediation import (
    DisputeAccepted,
    DisputeConcluded,
    DisputeRouted,
    MediatorAssigned,
    RoomOpened,
    SessionRecorded,
)
from shared.events.referral import (
    LeadClosed,
    LeadRouted,
    OfficerAssigned,
    OrderAcknowledged,
    OrderClosed,
    OrderObjected,
    OrderOpened,
    OrderReplied,
    ReviewAcknowledged,
    ReviewAssigned,
    ReviewClosed,
    ReviewOpened,
)

Told = Mapping[str, object]

NOBODY = ""
KINDS = frozenset({"dispute", "lead"})
PUBLISHED_KINDS = {"mediation": "dispute", "referral": "lead"}
ENDS_AT_ONCE = frozenset({"not_accepted"})
"""States in which a case is over as soon as it is decided."""

_FOUND: Mapping[str, Told] = {
    "fixed": {"state": "feedback_due"},
    "not_fixed": {"state": "screening", "holder_org": NOBODY},
}
"""What the officer finds about an agency's reply, and what that makes of the lead."""


def record_hop(tx: Transaction) -> None:
    """For every event there is, also of types this release does not know."""
    cause = tx.cause
    if cause is None or cause.topic == DIRECTORY:
        return
    envelope = cause.envelope
    flow = {
        **NOTHING_TOLD,
        "subject": envelope.subject,
        "kind": kind_of(envelope.type),
        "last_type": envelope.type,
        "last_at": envelope.time,
        **_told(cause),
    }
    hop = {
        "subject": envelope.subject,
        "source": envelope.source,
        "sequence": envelope.sequence,
        "event_id": envelope.id,
        "type": envelope.type,
        "time": envelope.time,
        "appended_at": cause.appended_at,
        "seen_at": tx.now,
        "causation_id": envelope.causation_id,
        "topic": cause.topic,
        "part": cause.partition,
        "off": cause.offset,
    }
    tx.queue(TELL_FLOW[tx.dialect], flow)
    tx.queue(ADD_HOP[tx.dialect], hop)
    if isinstance(cause.event, DisputeRegistered | LeadRegistered):
        tx.queue(RAISE_TALLY[tx.dialect], {"part": cause.partition, "registered": 1})


def kind_of(event_type: str) -> str | None:
    """Dispute or lead, as the name of the type says, or who publishes it; None when neither."""
    publisher, noun, *_ = event_type.split(".")
    return noun if noun in KINDS else PUBLISHED_KINDS.get(publisher)


def _told(cause: Delivered) -> Told:
    event = cause.event
    if event is None:
        return {}
    if isinstance(event, DisputeRegistered | LeadRegistered):
        return _registered(event, cause)
    tell = _TELL.get(type(event))
    return {} if tell is None else tell(event, cause.envelope.time)


def _registered(event: DisputeRegistered | LeadRegistered, cause: Delivered) -> Told:
    return {
        "number": event.number,
        "area": event.area,
        "registered_at": cause.envelope.time,
        "first_part": cause.partition,
        "first_off": cause.offset,
        "state": "registered",
    }


def _dispute_routed(event: DisputeRouted, at: datetime) -> Told:
    return {
        "route": event.decision.route,
        "rule": event.decision.rule,
        "routed_at": at,
        "state": event.state,
        "holder_org": event.committee_id,
        "concluded_at": at if event.state in ENDS_AT_ONCE else None,
    }


def _assigned(event: MediatorAssigned, _at: datetime) -> Told:
    return {"holder_org": event.organisation_id, "holder_member": event.member_id}


def _room(event: RoomOpened, _at: datetime) -> Told:
    return {"holder_org": event.organisation_id, "holder_member": event.mediator_id}


def _accepted(event: DisputeAccepted, _at: datetime) -> Told:
    return {"state": "accepted", "holder_member": event.member_id}


def _session(_event: SessionRecorded, _at: datetime) -> Told:
    return {"state": "in_mediation"}


def _concluded(event: DisputeConcluded, at: datetime) -> Told:
    return {"state": event.state, "outcome": event.outcome, "concluded_at": at}


def _lead_routed(event: LeadRouted, at: datetime) -> Told:
    return {
        "route": event.decision.route,
        "rule": event.decision.rule,
        "routed_at": at,
        "state": event.state,
        "holder_member": event.officer_id,
    }


def _officer(event: OfficerAssigned, _at: datetime) -> Told:
    return {"holder_member": event.member_id} if event.holds else {}


def _order(event: OrderOpened, _at: datetime) -> Told:
    """The agency has it; who works on it there is the agency's affair."""
    return {
        "state": "redirected_to_agency",
        "holder_org": event.agency_id,
        "holder_member": NOBODY,
    }


def _order_taken(_event: OrderAcknowledged, _at: datetime) -> Told:
    return {"state": "agency_handling"}


def _objected(_event: OrderObjected, _at: datetime) -> Told:
    return {"state": "screening", "holder_org": NOBODY}


def _replied(_event: OrderReplied, _at: datetime) -> Told:
    return {"state": "agency_replied"}


def _order_closed(event: OrderClosed, _at: datetime) -> Told:
    return _FOUND.get(event.outcome, {})


def _review(event: ReviewOpened, _at: datetime) -> Told:
    return {
        "state": "transferred",
        "holder_org": event.procuratorate_id,
        "holder_member": event.member_id,
    }


def _reviewer(event: ReviewAssigned, _at: datetime) -> Told:
    return {"holder_member": event.member_id}


def _review_taken(_event: ReviewAcknowledged, _at: datetime) -> Told:
    return {"state": "under_evaluation"}


def _review_closed(event: ReviewClosed, _at: datetime) -> Told:
    return {"state": event.outcome}


def _closed(event: LeadClosed, at: datetime) -> Told:
    return {"state": "closed", "outcome": event.outcome, "concluded_at": at}


# Each function takes the class it stands behind; a mapping cannot say so.
_TELL: Mapping[type[Event], Callable[[Any, datetime], Told]] = {
    DisputeRouted: _dispute_routed,
    MediatorAssigned: _assigned,
    RoomOpened: _room,
    DisputeAccepted: _accepted,
    SessionRecorded: _session,
    DisputeConcluded: _concluded,
    LeadRouted: _lead_routed,
    OfficerAssigned: _officer,
    OrderOpened: _order,
    OrderAcknowledged: _order_taken,
    OrderObjected: _objected,
    OrderReplied: _replied,
    OrderClosed: _order_closed,
    ReviewOpened: _review,
    ReviewAssigned: _reviewer,
    ReviewAcknowledged: _review_taken,
    ReviewClosed: _review_closed,
    LeadClosed: _closed,
}
