"""Everything the referral service can be told to do, and what it does when it hears of a lead."""

from services.referral.handlers.arrival import route_lead
from services.referral.handlers.handing import hand_over
from services.referral.handlers.leads import (
    Closing,
    NewOrder,
    Transfer,
    close_lead,
    order_agency,
    transfer_lead,
)
from services.referral.handlers.orders import (
    Finding,
    Objection,
    Reply,
    acknowledge_order,
    close_order,
    object_to_order,
    reply_to_order,
)
from services.referral.handlers.reviews import Milestone, acknowledge_review, close_review
from services.referral.handlers.turns import Seen

__all__ = [
    "Closing",
    "Finding",
    "Milestone",
    "NewOrder",
    "Objection",
    "Reply",
    "Seen",
    "Transfer",
    "acknowledge_order",
    "acknowledge_review",
    "close_lead",
    "close_order",
    "close_review",
    "hand_over",
    "object_to_order",
    "order_agency",
    "reply_to_order",
    "route_lead",
    "transfer_lead",
]
