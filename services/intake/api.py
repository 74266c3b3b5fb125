"""The JSON API of intake: file, look up, list."""

from uuid import UUID

from flask import Blueprint, url_for

from services.intake.handlers.desk import Desk
from services.intake.handlers.disputes import prepare_dispute, register_dispute
from services.intake.handlers.leads import FileLead, prepare_lead, register_lead
from services.intake.models.filed import FiledDispute
from services.intake.models.seals import Seals
from services.intake.policy import AUDIT_DISPUTE, AUDIT_LEAD
from services.intake.queries.disputes import (
    DisputeFilters,
    check_audit_of_dispute,
    dispute_in_full,
    disputes_shown,
)
from services.intake.queries.leads import (
    LeadFilters,
    check_audit_of_lead,
    lead_in_full,
    leads_shown,
)
from services.intake.queries.receipts import told_by
from services.intake.schemas import particulars
from services.intake.schemas.answers import (
    DisputeRegisteredSchema,
    DisputeSchema,
    DisputesSchema,
    LeadRegisteredSchema,
    LeadSchema,
    LeadsSchema,
    ToldSchema,
)
from services.intake.schemas.filing import FILE_DISPUTE, FILE_LEAD, LOOK_UP_RECEIPT, LookUpReceipt
from services.intake.schemas.lists import DISPUTE_FILTERS, LEAD_FILTERS
from shared.db import Transaction
from shared.web import access
from shared.web.answer import Answer
from shared.web.context import current_actor, kept, platform, reading, sealer, viewer
from shared.web.idempotency import once
from shared.web.operation import operation

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/disputes")
@operation("dispute.file", body=FILE_DISPUTE, answer=DisputeRegisteredSchema(), status=201)
def file_dispute(filed: FiledDispute) -> Answer:
    desk = _desk()
    new = prepare_dispute(filed, desk)

    def work(tx: Transaction) -> Answer:
        return Answer(
            register_dispute(tx, new, desk), location=url_for("api.dispute", case_id=new.case_id)
        )

    return once(work)


@blueprint.post("/leads")
@operation("lead.file", body=FILE_LEAD, answer=LeadRegisteredSchema(), status=201)
def file_lead(command: FileLead) -> Answer:
    desk = _desk()
    new = prepare_lead(command, desk)

    def work(tx: Transaction) -> Answer:
        location = url_for("api.lead", lead_id=new.lead_id)
        return Answer(register_lead(tx, new, desk), location=location)

    return once(work)


@blueprint.post("/receipts/lookup")
@operation("receipt.look_up", body=LOOK_UP_RECEIPT, answer=ToldSchema())
def look_up_receipt(command: LookUpReceipt) -> Answer:
    with reading() as session:
        return Answer(told_by(session, _seals(), command.receipt))


@blueprint.get("/disputes")
@operation(
    "dispute.read", query=DISPUTE_FILTERS, answer=DisputesSchema(), shows=particulars.OF_LIST
)
def disputes(wanted: DisputeFilters) -> Answer:
    with reading() as session:
        found, following = disputes_shown(session, _seals(), viewer(), wanted)
    particulars.tell_list(found)
    return Answer({"items": found}, next_cursor=following)


@blueprint.get("/disputes/<uuid:case_id>")
@operation("dispute.read", answer=DisputeSchema(), conditional=True, shows=particulars.OF_DISPUTE)
def dispute(case_id: UUID) -> Answer:
    with reading() as session:
        found = dispute_in_full(session, _seals(), viewer(), case_id)
    particulars.tell_dispute(found)
    return Answer(found, etag=found.version)


@blueprint.get("/leads")
@operation("lead.read", query=LEAD_FILTERS, answer=LeadsSchema())
def leads(wanted: LeadFilters) -> Answer:
    with reading() as session:
        shown, following = leads_shown(session, _seals(), viewer(), wanted)
    return Answer({"items": shown}, next_cursor=following)


@blueprint.get("/leads/<uuid:lead_id>")
@operation("lead.read", answer=LeadSchema(), conditional=True, shows=particulars.OF_LEAD)
def lead(lead_id: UUID) -> Answer:
    with reading() as session:
        found = lead_in_full(session, _seals(), viewer(), lead_id)
    particulars.tell_lead(found)
    return Answer(found, etag=found.version)


@blueprint.get("/disputes/<uuid:case_id>/audit")
@operation(AUDIT_DISPUTE, query=access.WANTED, answer=access.ActsSchema(), shows=access.SHOWS)
def audit_of_dispute(wanted: access.ActsWanted, case_id: UUID) -> Answer:
    """Who saw or changed it here, the newest first."""
    with reading() as session:
        check_audit_of_dispute(session, viewer(), case_id)
    return access.seen_answer([str(case_id)], wanted)


@blueprint.get("/leads/<uuid:lead_id>/audit")
@operation(AUDIT_LEAD, query=access.WANTED, answer=access.ActsSchema(), shows=access.SHOWS)
def audit_of_lead(wanted: access.ActsWanted, lead_id: UUID) -> Answer:
    """Likewise; of who filed it no more than a role."""
    with reading() as session:
        check_audit_of_lead(session, viewer(), _seals(), lead_id)
    return access.seen_answer([str(lead_id)], wanted)


def _seals() -> Seals:
    return kept(_made_seals)


def _made_seals() -> Seals:
    return Seals.made_by(sealer)


def _desk() -> Desk:
    return Desk.at(platform(), current_actor(), _seals())
