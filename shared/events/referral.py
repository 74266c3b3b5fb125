"""Events published by the referral service."""

from dataclasses import dataclass
from uuid import UUID

from shared.events.base import Code, LeadEvent
from shared.events.decisions import Explanation


@dataclass(frozen=True, kw_only=True)
class LeadRouted(LeadEvent):
    """It is decided, with reasons, who takes the lead up; every lead is routed once."""

    event_type = "referral.lead.routed.v1"

    decision: Explanation
    state: Code
    officer_id: Code | None = None


@dataclass(frozen=True, kw_only=True)
class OfficerAssigned(LeadEvent):
    """Another referral officer follows the lead; ``holds``: it is theirs to act on now."""

    event_type = "referral.officer.assigned.v1"

    member_id: Code
    holds: bool


@dataclass(frozen=True, kw_only=True)
class OrderOpened(LeadEvent):
    """Exactly one agency has to act."""

    event_type = "referral.order.opened.v1"

    order_id: UUID
    agency_id: Code
    urgent: bool


@dataclass(frozen=True, kw_only=True)
class OrderAcknowledged(LeadEvent):
    """The agency takes the order on."""

    event_type = "referral.order.acknowledged.v1"

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderObjected(LeadEvent):
    """The agency says that it is not the one; the referral officer decides what next."""

    event_type = "referral.order.objected.v1"

    order_id: UUID
    reason: Code


@dataclass(frozen=True, kw_only=True)
class OrderReplied(LeadEvent):
    """The agency has answered; the referral officer looks whether it is true."""

    event_type = "referral.order.replied.v1"

    order_id: UUID
    result: Code


@dataclass(frozen=True, kw_only=True)
class OrderClosed(LeadEvent):
    """Nothing more is expected of this agency; ``outcome`` says why."""

    event_type = "referral.order.closed.v1"

    order_id: UUID
    outcome: Code


@dataclass(frozen=True, kw_only=True)
class ReviewOpened(LeadEvent):
    """A named prosecutor looks at the lead."""

    event_type = "referral.review.opened.v1"

    review_id: UUID
    procuratorate_id: Code
    member_id: Code


@dataclass(frozen=True, kw_only=True)
class ReviewAssigned(LeadEvent):
    """Another person at the same procuratorate has the review."""

    event_type = "referral.review.assigned.v1"

    review_id: UUID
    member_id: Code


@dataclass(frozen=True, kw_only=True)
class ReviewAcknowledged(LeadEvent):
    """The procuratorate has received the lead and evaluates it."""

    event_type = "referral.review.acknowledged.v1"

    review_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReviewClosed(LeadEvent):
    """The procuratorate has decided; ``outcome`` is the milestone it returned."""

    event_type = "referral.review.closed.v1"

    review_id: UUID
    outcome: Code


@dataclass(frozen=True, kw_only=True)
class LeadClosed(LeadEvent):
    """Nobody has to do anything more about the lead."""

    event_type = "referral.lead.closed.v1"

    outcome: Code
