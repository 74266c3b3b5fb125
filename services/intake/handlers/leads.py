"""Registering a lead: one that somebody reports, or one that a dispute gives rise to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from services.intake.handlers.desk import Desk
from services.intake.handlers.registering import check_days, insert_case, inserting
from services.intake.lifecycle import REGISTERED
from services.intake.models.filed import FiledLead, Informant
from services.intake.models.numbers import LEAD, registration_number
from services.intake.models.receipts import grouped, new_receipt
from services.intake.models.seals import Seals
from services.intake.models.tables import leads
from shared.db import Transaction
from shared.errors import Rejected
from shared.events.intake import LeadRegistered
from shared.web.i18n import N_

NOT_SERVED = N_("This area is not served here. Please report it where it is.")

_INSERT = inserting(leads)


@dataclass(frozen=True, kw_only=True)
class FileLead:
    """The informant is not part of what is filed, and goes another way."""

    filed: FiledLead
    informant: Informant | None = None


@dataclass(frozen=True, kw_only=True)
class NewLead:
    """A lead that is ready to be registered. Its id is random: one made from the time would stand
    next to that of the dispute it comes from.
    """

    lead_id: UUID
    receipt: str
    filed: FiledLead
    row: Mapping[str, object]
    informant_ref: UUID | None = None
    informant: Informant | None = None


def new_lead(
    filed: FiledLead,
    seals: Seals,
    *,
    filer: str | None = None,
    informant: Informant | None = None,
) -> NewLead:
    lead_id, receipt = uuid4(), new_receipt()
    informant_ref = uuid4() if informant else None
    return NewLead(
        lead_id=lead_id,
        receipt=receipt,
        filed=filed,
        row={
            "id": lead_id,
            "receipt": seals.receipt.fingerprint(receipt),
            "filer": filer,
            "informant_ref": informant_ref,
            "field": filed.public_interest.field,
            "community": filed.place.area[:12],
            "area": filed.place.area,
            "grid": filed.place.grid,
            "state": REGISTERED,
            "version": 1,
            "sealed": seals.seal_lead(lead_id, filed),
        },
        informant_ref=informant_ref,
        informant=informant,
    )


def prepare_lead(command: FileLead, desk: Desk) -> NewLead:
    """Raises Rejected, naming the fields, when the facts cannot be."""
    check_days(command.filed, desk.today)
    if not desk.serves_leads(command.filed.place.area):
        raise Rejected("Some fields need to be put right.", fields={"place.area": NOT_SERVED})
    return new_lead(
        command.filed,
        desk.seals,
        filer=desk.seals.filer_of_lead(desk.actor),
        informant=command.informant,
    )


def register_lead(tx: Transaction, new: NewLead, desk: Desk) -> dict[str, object]:
    """Give the lead its number. Returns what the filer is told.

    Raises Unavailable before the directory has arrived.
    """
    if new.informant_ref and new.informant:
        desk.keep_informant(new.informant_ref, new.informant)
    event = insert_lead(tx, new)
    tx.emit(event, at=minute(tx.now))
    return {
        "lead_id": str(new.lead_id),
        "registration_no": event.number,
        "receipt": grouped(new.receipt),
        "questions": [],
    }


def minute(instant: datetime) -> datetime:
    """When a lead was filed, no more exactly: the moment would point to the dispute that it may
    come from.
    """
    return instant.replace(second=0, microsecond=0)


def insert_lead(tx: Transaction, new: NewLead) -> LeadRegistered:
    """Store the lead; returns the event that is still to be emitted."""
    at = minute(tx.now)
    seq, revision = insert_case(tx, _INSERT, {**new.row, "filed_at": at, "changed_at": at})
    filed = new.filed
    return LeadRegistered(
        lead_id=new.lead_id,
        number=registration_number(LEAD, filed.place.area, at, seq),
        origin=filed.origin,
        area=filed.place.area,
        grid=filed.place.grid,
        danger=filed.danger,
        facts=filed.facts,
        public_interest=filed.public_interest,
        directory_revision=revision,
    )
