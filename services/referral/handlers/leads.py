"""What is done with a lead as a whole: given to an agency, sent to the procuratorate, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from services.referral import routing
from services.referral.handlers.parts import order_opened, order_row, review_opened, review_row
from services.referral.handlers.turns import Seen, announce, take_lead
from services.referral.lifecycle import DISMISSALS, LeadState, OrderState
from services.referral.models import ORDERS, REVIEWS, Lead, Order, Review
from services.referral.routing import Route
from shared.auth.sealing import Sealer
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Rejected
from shared.events.directory import MemberPublished
from shared.messaging.replica import Directory, directory


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """``text`` are the officer's words to the agency; ``reason`` says why it is to be this one
    although it objected.
    """

    agency_id: str
    text: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """``note`` are the officer's words to the procuratorate."""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Closing:
    """``outcome`` is needed where nobody has come to one yet."""

    outcome: str | None = None


def order_agency(tx: Transaction, seen: Seen, command: NewOrder, sealer: Sealer) -> UUID:
    """Make one agency responsible; the one before it is not any more. Returns the order's id.

    Raises Rejected for an agency that does not serve the area, for one that objected unless there
    is a reason, and for sending the lead back to where it came from before.
    """
    lead = take_lead(tx, seen, "lead.order")
    before, earlier, known = lead.state, _orders(tx, lead), directory(tx)
    lead.move(LeadState.REDIRECTED_TO_AGENCY, tx.now)
    _check_serves(known, command.agency_id, lead.area)
    _check_choice(earlier, command)
    _end_orders(tx, earlier, before, lead.state, outcome="referred")
    lead.give(organisation_id=command.agency_id)
    order_id = uuid4()
    row = order_row(
        order_id=order_id,
        lead_id=lead.lead_id,
        number=lead.number,
        agency_id=command.agency_id,
        duty=lead.duty,
        area=lead.area,
        grid=lead.grid,
        urgent=lead.urgent,
        text=_seal(sealer, command.text, f"{order_id}:text"),
        reason=_seal(sealer, command.reason, f"{order_id}:reason"),
        now=tx.now,
    )
    # At once, which is after the end of the order before: only one may be live.
    tx.execute(insert(ORDERS), row)
    announce(tx, order_opened(row), before=before, after=lead.state)
    return order_id


def transfer_lead(tx: Transaction, seen: Seen, command: Transfer, sealer: Sealer) -> UUID:
    """Send the lead to the procuratorate; no agency is responsible any more. Returns the id of
    the review, which goes to whoever had it before, else to the prosecutor on duty.
    """
    lead = take_lead(tx, seen, "lead.transfer")
    before, orders, reviewer = lead.state, _orders(tx, lead), _reviewer(tx, lead)
    lead.move(LeadState.TRANSFERRED, tx.now)
    if reviewer is None:
        raise Rejected("Nobody at the procuratorate serves this area.")
    _end_orders(tx, orders, before, lead.state, outcome="transferred")
    lead.give(organisation_id=reviewer.organisation_id, member_id=reviewer.id)
    review_id = uuid4()
    row = review_row(
        review_id=review_id,
        lead_id=lead.lead_id,
        procuratorate_id=reviewer.organisation_id,
        member_id=reviewer.id,
        note=_seal(sealer, command.note, f"{review_id}:note"),
        now=tx.now,
    )
    tx.insert(REVIEWS, row)
    announce(tx, review_opened(row), before=before, after=lead.state)
    return review_id


def close_lead(tx: Transaction, seen: Seen, command: Closing) -> None:
    """End it when the filer has been told what came of it; or, as the referral officer, because
    it is no matter of public interest or cannot be checked.

    Raises Rejected for an outcome that is missing, or is not what came of the lead; Forbidden where
    only the referral officer could.
    """
    lead = take_lead(tx, seen, "lead.close")
    before, orders, outcome = lead.state, _orders(tx, lead), command.outcome or lead.outcome
    allowed: Sequence[str | None] = (lead.outcome,)
    if before == LeadState.SCREENING:
        take_lead(tx, seen, "lead.dismiss")
        _check_dismissal(orders)
        allowed = DISMISSALS
    closed = lead.close(outcome or "", tx.now)
    _check_outcome(outcome, allowed)
    _end_orders(tx, orders, before, lead.state, outcome="objected")
    announce(tx, closed, before=before, after=lead.state)


def _orders(tx: Transaction, lead: Lead) -> Sequence[Order]:
    """The first one first."""
    return tx.session.scalars(
        select(Order).where(Order.lead_id == lead.lead_id).order_by(Order.opened_at)
    ).all()


def _end_orders(
    tx: Transaction, orders: Sequence[Order], before: str, after: str, *, outcome: str
) -> None:
    """Nothing more is expected of these agencies."""
    for order in orders:
        if order.state == OrderState.CLOSED:
            continue
        was_objected = order.state == OrderState.OBJECTED
        ended = order.end("objected" if was_objected else outcome, tx.now)
        announce(tx, ended, before=before, after=after)


def _check_serves(known: Directory, agency_id: str, area: str) -> None:
    agency = known.organisations.get(agency_id)
    serves = agency is not None and agency.kind == "agency" and _covers(agency.areas, area)
    if not serves:
        raise Rejected(
            "Choose an agency that serves this area.",
            fields={"agency_id": "Choose an agency that serves this area."},
        )


def _covers(areas: Sequence[str], area: str) -> bool:
    """Codes of lower levels begin with those of the higher."""
    return any(area.startswith(wider) for wider in areas)


def _check_choice(earlier: Sequence[Order], command: NewOrder) -> None:
    """No bouncing: an agency that had the lead before another one does not get it back, and one
    that has just objected gets it only with a reason.
    """
    agencies = [order.agency_id for order in earlier]
    if command.agency_id not in agencies:
        return
    if agencies[-1] != command.agency_id:
        raise Rejected(
            "This agency has had the lead before. Send it to the procuratorate instead.",
            fields={
                "agency_id": "This agency has had the lead before. Send it to the procuratorate "
                "instead."
            },
        )
    if earlier[-1].state == OrderState.OPENED:
        raise Rejected(
            "This agency has the lead already.",
            fields={"agency_id": "This agency has the lead already."},
        )
    if earlier[-1].objection is not None and not command.reason:
        raise Rejected(
            "This agency has objected. Say why it is to be this one all the same.",
            fields={
                "reason": "This agency has objected. Say why it is to be this one all the same."
            },
        )


def _check_dismissal(orders: Sequence[Order]) -> None:
    if any(order.outcome == "not_fixed" for order in orders):
        raise Rejected("This was found not put right. Send it to the procuratorate.")


def _check_outcome(outcome: str | None, allowed: Sequence[str | None]) -> None:
    if outcome is None:
        raise Rejected(
            "Say why the lead is closed.", fields={"outcome": "Say why the lead is closed."}
        )
    if outcome not in allowed:
        raise Rejected(
            "This is not what came of the lead.",
            fields={"outcome": "This is not what came of the lead."},
        )


def _reviewer(tx: Transaction, lead: Lead) -> MemberPublished | None:
    """Whoever returned it gets it back; a lead of the upper procuratorate stays there."""
    known = directory(tx)
    last = tx.session.scalar(
        select(Review.member_id)
        .where(Review.lead_id == lead.lead_id)
        .order_by(Review.opened_at.desc())
        .limit(1)
    )
    today = day_in_china(tx.now)
    had = known.members.get(last or "")
    if had is not None and not had.on_leave(today):
        return had
    roster = known.roster
    if lead.route == Route.UPPER_PROCURATORATE:
        return routing.upper_intake_officer(roster, lead.area, today)
    return routing.prosecutor_for(roster, lead.area, today)


def _seal(sealer: Sealer, text: str | None, about: str) -> bytes | None:
    return None if text is None else sealer.seal(text.encode(), about=about)
