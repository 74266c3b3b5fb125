"""What the procuratorate does with a lead it was sent, as far as it is told here."""

from dataclasses import dataclass

from sqlalchemy import func, select

from services.referral.handlers.turns import Seen, announce, take_review
from services.referral.lifecycle import MILESTONES, LeadState
from services.referral.models import Review
from shared.db import Transaction
from shared.errors import Rejected

RETURNED = "returned"


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """``document_no`` is the number of the decision's paper, if there is one."""

    outcome: str
    document_no: str | None = None


def acknowledge_review(tx: Transaction, seen: Seen) -> None:
    """The procuratorate has received the lead and evaluates it."""
    review, lead = take_review(tx, seen, "review.acknowledge")
    before = lead.state
    acknowledged = review.acknowledge(tx.now)
    lead.move(LeadState.UNDER_EVALUATION, tx.now)
    announce(tx, acknowledged, before=before, after=lead.state)


def close_review(tx: Transaction, seen: Seen, command: Milestone) -> None:
    """Record what the procuratorate decided.

    Raises Rejected when the lead is to be returned a second time; Forbidden for an intake officer
    who decides more than that the facts are not enough, unless the lead is theirs by name (as at
    the upper procuratorate, whose decisions they enter).
    """
    returning = command.outcome == RETURNED
    review, lead = take_review(tx, seen, "review.return" if returning else "review.close")
    if returning and _was_returned(tx, review):
        raise Rejected(
            "This lead was returned before, and can be returned only once.",
            fields={"outcome": "This lead was returned before, and can be returned only once."},
        )
    before = lead.state
    closed = review.close(command.outcome, command.document_no, tx.now)
    lead.result(MILESTONES[command.outcome], command.outcome, tx.now)
    announce(tx, closed, before=before, after=lead.state)


def _was_returned(tx: Transaction, review: Review) -> bool:
    count = select(func.count()).where(Review.lead_id == review.lead_id, Review.outcome == RETURNED)
    return bool(tx.session.scalar(count))
