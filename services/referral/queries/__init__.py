"""Everything that can be asked of referral."""

from services.referral.queries.actions import Action, lead_actions, order_actions
from services.referral.queries.decisions import Explained, explained
from services.referral.queries.files import LeadFile, Openers, agencies_for, lead_file
from services.referral.queries.leads import (
    COUNTED,
    LeadFilters,
    Listed,
    counts,
    lead,
    leads,
    listed_lead,
)
from services.referral.queries.orders import (
    OrderFilters,
    OrderListed,
    OrderView,
    order,
    order_counts,
    orders,
)
from services.referral.queries.reviews import ReviewView, review
from services.referral.queries.state import routing_state
from services.referral.queries.texts import TextView
from services.referral.queries.timeline import Entry, timeline
from shared.messaging.replica import Named

__all__ = [
    "COUNTED",
    "Action",
    "Entry",
    "Explained",
    "LeadFile",
    "LeadFilters",
    "Listed",
    "Named",
    "Openers",
    "OrderFilters",
    "OrderListed",
    "OrderView",
    "ReviewView",
    "TextView",
    "agencies_for",
    "counts",
    "explained",
    "lead",
    "lead_actions",
    "lead_file",
    "leads",
    "listed_lead",
    "order",
    "order_actions",
    "order_counts",
    "orders",
    "review",
    "routing_state",
    "timeline",
]
