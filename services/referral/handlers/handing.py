"""Giving to a successor what a member who leaves has here: leads to follow, and reviews."""

from sqlalchemy import select

from services.referral.handlers.turns import announce
from services.referral.lifecycle import LEAD, REVIEW, LeadState, ReviewState
from services.referral.models import Lead, Review
from shared.db import Transaction
from shared.events.directory import HandoverPublished


def hand_over(tx: Transaction, event: HandoverPublished) -> None:
    """Other kinds are other services' affair. Nothing happens if the member has it no more."""
    if event.kind not in {LEAD, REVIEW}:
        return
    lead = tx.session.get(Lead, event.item_id, with_for_update=True)
    if lead is None or lead.state == LeadState.CLOSED:
        return
    if event.kind == REVIEW:
        _hand_over_review(tx, lead, event)
    elif handed := lead.hand_over(event.member_id, event.successor_id):
        announce(tx, handed, before=lead.state, after=lead.state)


def _hand_over_review(tx: Transaction, lead: Lead, event: HandoverPublished) -> None:
    """Also one that is closed, as long as the lead is theirs: what was filed goes on."""
    review = tx.session.scalar(
        select(Review)
        .where(Review.lead_id == lead.lead_id, Review.member_id == event.member_id)
        .order_by(Review.opened_at.desc())
        .limit(1)
    )
    theirs = lead.organisation_id is not None and lead.member_id == event.member_id
    if review is None or not (theirs or review.state != ReviewState.CLOSED):
        return
    handed = review.hand_over(event.successor_id)
    if theirs:
        lead.give(organisation_id=lead.organisation_id, member_id=event.successor_id)
    announce(tx, handed, before=lead.state, after=lead.state)
