"""What an agency does with its order, and how the referral officer closes it."""

from dataclasses import dataclass

from services.referral.handlers.turns import Seen, announce, take_order
from services.referral.lifecycle import RESULTS, LeadState
from shared.auth.sealing import Sealer
from shared.db import Transaction


@dataclass(frozen=True, kw_only=True)
class Objection:
    reason: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """``text`` are the agency's own words about what it found and did."""

    result: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the officer found on looking: one of ``RESULTS``."""

    outcome: str


def acknowledge_order(tx: Transaction, seen: Seen) -> None:
    """The agency takes the order on."""
    order, lead = take_order(tx, seen, "order.acknowledge")
    before = lead.state
    acknowledged = order.acknowledge(tx.now)
    lead.move(LeadState.AGENCY_HANDLING, tx.now)
    announce(tx, acknowledged, before=before, after=lead.state)


def object_to_order(tx: Transaction, seen: Seen, command: Objection) -> None:
    """The agency says it is not the one; the lead goes back to the referral officer."""
    order, lead = take_order(tx, seen, "order.object")
    before = lead.state
    objected = order.object(command.reason, tx.now)
    lead.move(LeadState.SCREENING, tx.now)
    lead.give(member_id=lead.officer_id)
    announce(tx, objected, before=before, after=lead.state)


def reply_to_order(tx: Transaction, seen: Seen, command: Reply, sealer: Sealer) -> None:
    """The agency answers; the referral officer looks whether it is true."""
    order, lead = take_order(tx, seen, "order.reply")
    before = lead.state
    sealed = sealer.seal(command.text.encode(), about=f"{order.order_id}:reply")
    replied = order.answer(command.result, sealed, tx.now)
    lead.move(LeadState.AGENCY_REPLIED, tx.now)
    lead.give(member_id=lead.officer_id)
    announce(tx, replied, before=before, after=lead.state)


def close_order(tx: Transaction, seen: Seen, command: Finding) -> None:
    """Put right: feedback is due. Not put right: the officer decides who is next."""
    order, lead = take_order(tx, seen, "order.close")
    before = lead.state
    closed = order.judge(command.outcome, tx.now)
    lead.result(RESULTS[command.outcome], command.outcome, tx.now)
    announce(tx, closed, before=before, after=lead.state)
