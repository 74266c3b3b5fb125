"""The tables of referral, and the moves a lead, an order and a review make."""

from services.referral.models.base import (
    PENDING,
    READY,
    REASON_PURPOSE,
    TEXT_PURPOSE,
    WORDS_PURPOSE,
    Base,
)
from services.referral.models.leads import Lead
from services.referral.models.orders import Order
from services.referral.models.records import Decided, LeadText, RoutingState, timeline
from services.referral.models.reviews import Review
from shared.db.openings import openings_table

__all__ = [
    "DECISIONS",
    "LEADS",
    "OPENED",
    "ORDERS",
    "PENDING",
    "READY",
    "REASON_PURPOSE",
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
    "metadata",
    "timeline",
]

OPENED = openings_table(Base.metadata)

metadata = Base.metadata

LEADS = metadata.tables["leads"]
ORDERS = metadata.tables["orders"]
REVIEWS = metadata.tables["reviews"]
DECISIONS = metadata.tables["decisions"]
TEXTS = metadata.tables["texts"]
"""The same tables for Core: what events cause is written in sets."""
