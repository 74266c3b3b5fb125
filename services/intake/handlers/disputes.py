"""Registering a dispute, and with it the lead it gives rise to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from uuid_utils.compat import uuid7

from services.intake.handlers.desk import Desk
from services.intake.handlers.leads import NewLead, insert_lead, minute, new_lead
from services.intake.handlers.registering import check_days, insert_case, inserting
from services.intake.lifecycle import REGISTERED
from services.intake.models.filed import FiledDispute
from services.intake.models.numbers import DISPUTE, registration_number
from services.intake.models.receipts import grouped, new_receipt
from services.intake.models.tables import disputes
from shared.db import Transaction
from shared.events.intake import DisputeRegistered

_INSERT = inserting(disputes)


@dataclass(frozen=True, kw_only=True)
class NewDispute:
    """A dispute that is ready to be registered: all that can be done outside of the transaction,
    in which others wait for their turn, is done.
    """

    case_id: UUID
    receipt: str
    filed: FiledDispute
    row: Mapping[str, object]
    lead: NewLead | None


def prepare_dispute(filed: FiledDispute, desk: Desk) -> NewDispute:
    """Raises Rejected, naming the fields, when the facts cannot be."""
    check_days(filed, desk.today)
    case_id, receipt = uuid7(), new_receipt()
    own = filed.own_lead()
    lead = new_lead(own, desk.seals) if own and desk.serves_leads(own.place.area) else None
    kept = filed.without_summary() if lead else filed
    return NewDispute(
        case_id=case_id,
        receipt=receipt,
        filed=kept,
        row={
            "id": case_id,
            "receipt": desk.seals.receipt.fingerprint(receipt),
            "filer": desk.actor.id if desk.actor.signed_in else None,
            "category": filed.category,
            "community": filed.place.area[:12],
            "area": filed.place.area,
            "grid": filed.place.grid,
            "state": REGISTERED,
            "sessions": 0,
            "version": 1,
            "sealed": desk.seals.seal_dispute(case_id, kept),
        },
        lead=lead,
    )


def register_dispute(tx: Transaction, new: NewDispute, desk: Desk) -> dict[str, object]:
    """Give the dispute its number. Returns what the filer is told, who alone is told of the lead.

    Raises Unavailable before the directory has arrived.
    """
    row = {**new.row, "filed_at": tx.now, "changed_at": tx.now}
    seq, revision = insert_case(tx, _INSERT, row)
    number = registration_number(DISPUTE, new.filed.place.area, tx.now, seq)
    tx.emit(_registered(new, number, revision))
    told: dict[str, object] = {
        "case_id": str(new.case_id),
        "registration_no": number,
        "receipt": grouped(new.receipt),
        "questions": [],
    }
    if new.lead is None:
        return told
    desk.keep_link(new.case_id, new.lead.lead_id)
    tx.emit(insert_lead(tx, new.lead), unlinked=True, at=minute(tx.now))
    own = {"lead_id": str(new.lead.lead_id), "receipt": grouped(new.lead.receipt)}
    return {**told, "lead": own}


def _registered(new: NewDispute, number: str, revision: int) -> DisputeRegistered:
    filed = new.filed
    # How many people and since which day are for the lead: here they would point from one to
    # the other, and no rule about disputes asks for them.
    public = replace(filed.public_interest, people_affected=None, agency_informed_on=None)
    return DisputeRegistered(
        case_id=new.case_id,
        number=number,
        category=filed.category,
        origin=filed.origin,
        area=filed.place.area,
        grid=filed.place.grid,
        amount_fen=filed.amount_fen,
        since=filed.since,
        parties=tuple(party.facts() for party in filed.parties),
        handled_before=tuple(handling.facts() for handling in filed.handled_before),
        danger=filed.danger,
        facts=filed.facts,
        public_interest=public,
        directory_revision=revision,
    )
