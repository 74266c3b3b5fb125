"""What became of a case elsewhere, kept beside the registration so that its filer can be told.

Events about one case arrive in order, after the registration they are about.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Table, bindparam, update

from services.intake.models.tables import disputes, leads
from shared.db import Transaction
from shared.errors import NotFound
from shared.events.mediation import (
    DisputeAccepted,
    DisputeConcluded,
    DisputeRouted,
    MediatorAssigned,
    ProsecutorAssigned,
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

_UPDATES = {
    table: update(table)
    .where(table.c.id == bindparam("of"))
    .values(version=table.c.version + 1)
    .returning(table.c.id)
    for table in (disputes, leads)
}
_UPDATE_ORDER = (
    update(leads)
    .where(leads.c.id == bindparam("of"), leads.c.order_id == bindparam("current"))
    .values(version=leads.c.version + 1)
)
_FOUND: Mapping[str, Mapping[str, object]] = {
    "fixed": {"state": "feedback_due"},
    "not_fixed": {"state": "screening", "organisation_id": None},
}
"""What the officer finds about an agency's reply, and what that makes of the lead."""


def note_dispute_route(tx: Transaction, event: DisputeRouted) -> None:
    _note_dispute(
        tx,
        event.case_id,
        route=event.decision.route,
        state=event.state,
        organisation_id=event.committee_id,
    )


def note_mediator(tx: Transaction, event: MediatorAssigned) -> None:
    _note_dispute(
        tx,
        event.case_id,
        mediator_id=event.member_id,
        organisation_id=event.organisation_id,
    )


def note_room(tx: Transaction, event: RoomOpened) -> None:
    _note_dispute(
        tx,
        event.case_id,
        mediator_id=event.mediator_id,
        prosecutor_id=event.prosecutor_id,
        organisation_id=event.organisation_id,
    )


def note_prosecutor(tx: Transaction, event: ProsecutorAssigned) -> None:
    _note_dispute(tx, event.case_id, prosecutor_id=event.prosecutor_id)


def note_acceptance(tx: Transaction, event: DisputeAccepted) -> None:
    _note_dispute(tx, event.case_id, state="accepted", mediator_id=event.member_id)


def note_session(tx: Transaction, event: SessionRecorded) -> None:
    _note_dispute(tx, event.case_id, state="in_mediation", sessions=event.session_no)


def note_conclusion(tx: Transaction, event: DisputeConcluded) -> None:
    _note_dispute(tx, event.case_id, state=event.state, outcome=event.outcome)


def note_lead_route(tx: Transaction, event: LeadRouted) -> None:
    _note_lead(
        tx,
        event.lead_id,
        route=event.decision.route,
        state=event.state,
        officer_id=event.officer_id,
    )


def note_officer(tx: Transaction, event: OfficerAssigned) -> None:
    """Who only follows it, as somebody else acts, is nobody to tell the filer of."""
    if event.holds:
        _note_lead(tx, event.lead_id, officer_id=event.member_id)


def note_order(tx: Transaction, event: OrderOpened) -> None:
    """An order that follows another takes its place."""
    _note_lead(
        tx,
        event.lead_id,
        state="redirected_to_agency",
        organisation_id=event.agency_id,
        member_id=None,
        order_id=event.order_id,
        order_state="opened",
    )


def note_order_taken(tx: Transaction, event: OrderAcknowledged) -> None:
    _note_order(tx, event, order_state="acknowledged", state="agency_handling")


def note_objection(tx: Transaction, event: OrderObjected) -> None:
    """The lead is the officer's again."""
    _note_order(tx, event, order_state="objected", state="screening", organisation_id=None)


def note_reply(tx: Transaction, event: OrderReplied) -> None:
    _note_order(tx, event, order_state="replied", state="agency_replied")


def note_order_end(tx: Transaction, event: OrderClosed) -> None:
    _note_order(tx, event, order_state="closed", **_FOUND.get(event.outcome, {}))


def note_review(tx: Transaction, event: ReviewOpened) -> None:
    _note_lead(
        tx,
        event.lead_id,
        state="transferred",
        organisation_id=event.procuratorate_id,
        member_id=event.member_id,
        review_state="opened",
    )


def note_reviewer(tx: Transaction, event: ReviewAssigned) -> None:
    _note_lead(tx, event.lead_id, member_id=event.member_id)


def note_review_begun(tx: Transaction, event: ReviewAcknowledged) -> None:
    _note_lead(tx, event.lead_id, state="under_evaluation", review_state="acknowledged")


def note_review_result(tx: Transaction, event: ReviewClosed) -> None:
    _note_lead(tx, event.lead_id, state=event.outcome, review_state="closed")


def note_lead_end(tx: Transaction, event: LeadClosed) -> None:
    _note_lead(tx, event.lead_id, state="closed", outcome=event.outcome)


def _note_dispute(tx: Transaction, case_id: UUID, **columns: object) -> None:
    _note(tx, disputes, case_id, columns)


def _note_lead(tx: Transaction, lead_id: UUID, **columns: object) -> None:
    _note(tx, leads, lead_id, columns)


def _note_order(
    tx: Transaction,
    event: OrderAcknowledged | OrderObjected | OrderReplied | OrderClosed,
    **columns: object,
) -> None:
    """What happens to an order that was replaced changes nothing."""
    which = {"of": event.lead_id, "current": event.order_id}
    tx.execute(_UPDATE_ORDER, {**which, "changed_at": tx.now, **columns})


def _note(tx: Transaction, table: Table, case_id: UUID, columns: dict[str, object]) -> None:
    """Raises NotFound for a case that was never registered here: somebody has to look into it."""
    found = tx.execute(_UPDATES[table], {"of": case_id, "changed_at": tx.now, **columns})
    if found.first() is None:
        raise NotFound("There is no such registration.")
