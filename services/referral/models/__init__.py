"""The tables of referral, the moves a lead, an order and a review make, and who sees which."""

from services.referral.models.base import (
    PENDING,
    READY,
    TEXT_PURPOSE,
    WORDS_PURPOSE,
    Base,
)
from services.referral.models.leads import Lead
from services.referral.models.orders import Order
from services.referral.models.reach import (
    few_leads_of,
    leads_of,
    orders_of,
    reached_areas,
    reviews_of,
)
from services.referral.models.records import Decided, LeadText, RoutingState, timeline
from services.referral.models.reviews import Review

__all__ = [
    "DECISIONS",
    "LEADS",
    "ORDERS",
    "PENDING",
    "READY",
    "REVIEWS",
    "TEXTS",
    "TEXT_PURPOSE",
    "WORDS_PURPOSE",
    "Base",
    "Decided",
    "Lead",
    "LeadText",
    "Order",
    "Review",
    "RoutingState",
    "few_leads_of",
    "leads_of",
    "metadata",
    "orders_of",
    "reached_areas",
    "reviews_of",
    "timeline",
]

metadata = Base.metadata

LEADS = metadata.tables["leads"]
ORDERS = metadata.tables["orders"]
REVIEWS = metadata.tables["reviews"]
DECISIONS = metadata.tables["decisions"]
TEXTS = metadata.tables["texts"]
"""The same tables for Core: what events cause is written in sets."""
