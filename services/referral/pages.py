"""Referral's pages: the queue of leads, one lead, an agency's orders, one order."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug import Response

from services.referral import handlers, queries
from services.referral.handlers import Seen
from services.referral.lifecycle import LeadState, OrderState
from services.referral.models import TEXT_PURPOSE, WORDS_PURPOSE
from services.referral.policy import POLICY
from services.referral.schemas import (
    ClosingSchema,
    FindingSchema,
    LeadsWanted,
    LeadsWantedSchema,
    MilestoneSchema,
    NewOrderSchema,
    ObjectionSchema,
    OrdersWanted,
    OrdersWantedSchema,
    ReplySchema,
    TransferSchema,
)
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.errors import Rejected
from shared.web.answer import Answer
from shared.web.context import current_actor, language, reading, sealer
from shared.web.forms import Errors, form_errors, nested
from shared.web.i18n import N_
from shared.web.idempotency import once
from shared.web.operation import expected_version, page
from shared.web.paging import Cursor, cut
from shared.words import codes, label

blueprint = Blueprint("pages", __name__)

ORDERING = NewOrderSchema()
TRANSFERRING = TransferSchema()
CLOSING = ClosingSchema()
OBJECTING = ObjectionSchema()
REPLYING = ReplySchema()
JUDGING = FindingSchema()
DECIDING = MilestoneSchema()

LEAD_TONES: Mapping[str, str] = {
    LeadState.AGENCY_HANDLING: "going",
    LeadState.UNDER_EVALUATION: "going",
    LeadState.FILED: "going",
    LeadState.FEEDBACK_DUE: "done",
    LeadState.CLOSED: "done",
}
ORDER_TONES: Mapping[str, str] = {
    OrderState.ACKNOWLEDGED: "going",
    OrderState.REPLIED: "done",
    OrderState.CLOSED: "done",
}

NEXT_STEPS: Mapping[str, str] = {
    "screening": N_("The referral officer decides who takes it up."),
    "screening.ask_again": N_(
        "The filer is asked the open questions; the referral officer then decides who takes it up."
    ),
    "screening.not_public_interest": N_(
        "It looks like no public-interest matter. The referral officer closes it with a reason, or "
        "gives it to somebody."
    ),
    "redirected_to_agency": N_("The agency takes the order on, or objects with a reason."),
    "agency_handling": N_("The agency acts, and answers what it found and did."),
    "agency_replied": N_("The referral officer looks on site whether the answer is true."),
    "transferred": N_("The procuratorate confirms that it has received the lead."),
    "returned": N_("The referral officer adds what is missing, and sends it back."),
    "under_evaluation": N_("The prosecutor evaluates the lead and records the decision."),
    "filed": N_("The procuratorate has filed a case and goes on with it."),
    "feedback_due": N_("The filer is told what came of it; then the lead is closed."),
    "closed": N_("It is over."),
}
"""By state, or by state and route where that makes a difference."""

MISSING: Mapping[str, str] = {
    "no_duty": N_("Nothing says which agency must answer for it, so nobody was chosen."),
    "no_agency": N_("No agency with this duty serves the area, so nobody was chosen."),
    "several_agencies": N_("Several agencies have this duty here, so none was chosen."),
    "no_reviewer": N_("Nobody at the procuratorate serves the area, so nobody was chosen."),
}


@blueprint.get("/")
@page("front.read")
def start() -> Response:
    return redirect(url_for(".leads" if _sees_leads() else ".orders"), 303)


@blueprint.get("/leads")
@page("lead.read", query=LeadsWantedSchema())
def leads(wanted: LeadsWanted) -> str:
    """In a state that is not over, those that were filed first come first."""
    waiting = wanted.state is not None and wanted.state != LeadState.CLOSED
    filters = wanted.filters(more=1, longest_first=waiting)
    with reading() as session:
        rows = queries.leads(session, filters, current_actor())
        counts = queries.counts(session, filters, current_actor())
    shown, following = cut(
        rows, wanted.limit, lambda row: Cursor(row.registered_at, str(row.lead_id))
    )
    return render_template(
        "referral/leads.html",
        rows=shown,
        counts=counts,
        most=queries.COUNTED,
        wanted=wanted,
        tones=LEAD_TONES,
        fields=[(code, label("field", code, language())) for code in codes("field")],
        here=lambda **changes: _here(".leads", changes),
        next_url=_here(".leads", {"cursor": following}) if following else None,
    )


@blueprint.get("/leads/<uuid:lead_id>")
@page("lead.read")
def lead(lead_id: UUID) -> str:
    return _show_lead(lead_id)


@blueprint.post("/leads/<uuid:lead_id>/order")
@page("lead.order")
def order_agency(lead_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = ORDERING.read(nested(request.form))
        handlers.order_agency(tx, seen, command, sealer(WORDS_PURPOSE))

    return _changed(lead_id, change, lead_id, form="order")


@blueprint.post("/leads/<uuid:lead_id>/transfer")
@page("lead.transfer")
def transfer_lead(lead_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = TRANSFERRING.read(nested(request.form))
        handlers.transfer_lead(tx, seen, command, sealer(WORDS_PURPOSE))

    return _changed(lead_id, change, lead_id, form="transfer")


@blueprint.post("/leads/<uuid:lead_id>/close")
@page("lead.close")
def close_lead(lead_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.close_lead(tx, seen, CLOSING.read(nested(request.form)))

    return _changed(lead_id, change, lead_id, form="close")


@blueprint.get("/orders")
@page("order.read", query=OrdersWantedSchema())
def orders(wanted: OrdersWanted) -> str:
    with reading() as session:
        rows = queries.orders(session, wanted.filters(more=1), current_actor())
        counts = queries.order_counts(session, current_actor())
    shown, following = cut(rows, wanted.limit, lambda row: Cursor(row.opened_at, str(row.order_id)))
    return render_template(
        "referral/orders.html",
        rows=shown,
        counts=counts,
        most=queries.COUNTED,
        wanted=wanted,
        tones=ORDER_TONES,
        sees_leads=_sees_leads(),
        here=lambda **changes: _here(".orders", changes),
        next_url=_here(".orders", {"cursor": following}) if following else None,
    )


@blueprint.get("/orders/<uuid:order_id>")
@page("order.read")
def order(order_id: UUID) -> str:
    return _show_order(order_id)


@blueprint.post("/orders/<uuid:order_id>/acknowledge")
@page("order.acknowledge")
def acknowledge_order(order_id: UUID) -> Answer | tuple[str, int]:
    return _changed(order_id, handlers.acknowledge_order, form="acknowledge")


@blueprint.post("/orders/<uuid:order_id>/object")
@page("order.object")
def object_to_order(order_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.object_to_order(tx, seen, OBJECTING.read(nested(request.form)))

    return _changed(order_id, change, form="object")


@blueprint.post("/orders/<uuid:order_id>/reply")
@page("order.reply")
def reply_to_order(order_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = REPLYING.read(nested(request.form))
        handlers.reply_to_order(tx, seen, command, sealer(WORDS_PURPOSE))

    return _changed(order_id, change, form="reply")


@blueprint.post("/orders/<uuid:order_id>/close")
@page("order.close")
def close_order(order_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.close_order(tx, seen, JUDGING.read(nested(request.form)))

    with reading() as session:
        lead_id = queries.order(session, order_id, current_actor(), None).lead_id
    return _changed(order_id, change, lead_id, form="judge")


@blueprint.post("/reviews/<uuid:review_id>/acknowledge")
@page("review.acknowledge")
def acknowledge_review(review_id: UUID) -> Answer | tuple[str, int]:
    return _changed(
        review_id, handlers.acknowledge_review, _lead_of_review(review_id), form="receive"
    )


@blueprint.post("/reviews/<uuid:review_id>/close")
@page("review.return")
def close_review(review_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.close_review(tx, seen, DECIDING.read(nested(request.form)))

    return _changed(review_id, change, _lead_of_review(review_id), form="decide")


def _lead_of_review(review_id: UUID) -> UUID:
    with reading() as session:
        return queries.review(session, review_id, current_actor(), None).lead_id


def _changed(
    of: UUID,
    change: Callable[[Transaction, Seen], object],
    lead_id: UUID | None = None,
    *,
    form: str,
) -> Answer | tuple[str, int]:
    """Back to the lead, or else to the order; a form that was refused is shown again as it was
    filled in.
    """
    seen = Seen(id=of, version=expected_version(), by=current_actor())
    place = url_for(".lead", lead_id=lead_id) if lead_id else url_for(".order", order_id=of)

    def work(tx: Transaction) -> Answer:
        change(tx, seen)
        return Answer(None, location=place)

    try:
        return once(work)
    except (ValidationError, Rejected) as error:
        errors = form_errors(error, request.form)
        if lead_id:
            return _show_lead(lead_id, form=form, errors=errors), 422
        return _show_order(of, form=form, errors=errors), 422


def _show_lead(lead_id: UUID, *, form: str = "", errors: Errors | None = None) -> str:
    """``form`` is the one that was refused, with its ``errors``."""
    actor = current_actor()
    openers = queries.Openers(texts=sealer(TEXT_PURPOSE), words=sealer(WORDS_PURPOSE))
    with reading() as session:
        found = queries.lead_file(session, lead_id, actor, openers)
        why = queries.explained(session, lead_id)
        timeline = queries.timeline(session, lead_id)
        agencies = queries.agencies_for(session, found)
    return render_template(
        "referral/lead.html",
        found=found,
        why=why,
        missing=MISSING.get(why.missing or ""),
        timeline=timeline,
        agencies=[(agency.id, agency.name[language()]) for agency in agencies],
        actions=queries.lead_actions(actor, found),
        next_step=NEXT_STEPS.get(f"{found.state}.{found.route}") or NEXT_STEPS[found.state],
        tones=LEAD_TONES,
        order_tones=ORDER_TONES,
        form=form,
        errors=errors or {},
        values=request.form.to_dict() if form else {},
        pairs=_pairs,
    )


def _show_order(order_id: UUID, *, form: str = "", errors: Errors | None = None) -> str:
    """``form`` is the one that was refused, with its ``errors``."""
    actor = current_actor()
    with reading() as session:
        found = queries.order(session, order_id, actor, _words())
    return render_template(
        "referral/order.html",
        order=found,
        sees_leads=_sees_leads(),
        actions=queries.order_actions(actor, found),
        tones=ORDER_TONES,
        form=form,
        errors=errors or {},
        values=request.form.to_dict() if form else {},
        pairs=_pairs,
    )


def _sees_leads() -> bool:
    return POLICY.allows(current_actor(), "lead.read")


def _words() -> Sealer | None:
    allowed = POLICY.allows(current_actor(), "order.read_words")
    return sealer(WORDS_PURPOSE) if allowed else None


def _pairs(kind: str, found: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(code, label(kind, code, language())) for code in found]


def _here(endpoint: str, changes: Mapping[str, str | None]) -> str:
    """The list with other filters; from its beginning unless a cursor is given."""
    kept = {name: value for name, value in request.args.items() if name != "cursor"}
    filters = {name: value for name, value in {**kept, **changes}.items() if value is not None}
    return url_for(endpoint) + (f"?{urlencode(filters)}" if filters else "")
