"""Referral's pages: the queue of leads, one lead, an agency's orders, one order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from marshmallow import ValidationError

from services.referral import handlers, queries
from services.referral.handlers import Seen
from services.referral.lifecycle import LeadState, OrderState
from services.referral.models import TEXT_PURPOSE, WORDS_PURPOSE
from services.referral.policy import AUDIT, POLICY, READ
from services.referral.relations import OPENABLE
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
from shared.db import Transaction
from shared.errors import Rejected
from shared.messaging.replica import directory
from shared.web import access
from shared.web.answer import Answer
from shared.web.context import current_actor, language, reading, sealer, viewer
from shared.web.counts import open_count
from shared.web.forms import Errors, form_errors, nested
from shared.web.i18n import N_
from shared.web.idempotency import once
from shared.web.openings import reasons
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

OF_LEAD, OF_ORDER = ("text", "words"), ("words",)
"""What a lead and an order show, also around a form that was refused."""

NOT_CLOSED = tuple(state for state in LeadState if state != LeadState.CLOSED)
UNANSWERED = (OrderState.OPENED, OrderState.ACKNOWLEDGED)

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


@blueprint.get("/audit")
@page(AUDIT, query=access.AUDIT_WANTED, shows=access.SHOWS)
def audit(wanted: access.AuditWanted) -> str | tuple[str, int]:
    """Who saw or changed a case, for who may know."""
    return access.audit_page(wanted, queries.audited)


@blueprint.get("/leads")
@page(READ, query=LeadsWantedSchema())
def leads(wanted: LeadsWanted) -> str:
    """In a state that is not over, those that were filed first come first."""
    waiting = wanted.state is not None and wanted.state != LeadState.CLOSED
    filters = wanted.filters(more=1, longest_first=waiting)
    who = viewer()
    with reading() as session:
        rows = queries.leads(session, who, filters)
        counts = queries.counts(session, who, filters)
        to_review = OPENABLE.waiting(session, who)
        area = directory(session).area_name(wanted.area, language()) if wanted.area else None
    shown, following = cut(
        rows, wanted.limit, lambda row: Cursor(row.registered_at, str(row.lead_id))
    )
    return render_template(
        "referral/leads.html",
        rows=shown,
        counts=counts,
        to_review=to_review,
        most=queries.COUNTED,
        wanted=wanted,
        waiting=waiting,
        area_name=area,
        tones=LEAD_TONES,
        fields=[(code, label("field", code, language())) for code in codes("field")],
        here=lambda **changes: _here(".leads", changes),
        next_url=_here(".leads", {"cursor": following}) if following else None,
    )


@blueprint.get("/leads/count")
@page(READ)
def count_leads() -> str:
    """How many are not closed, for the navigation."""
    with reading() as session:
        found = queries.counts(session, viewer(), queries.LeadFilters(), NOT_CLOSED)
    return open_count(found.values(), queries.COUNTED)


@blueprint.get("/leads/<uuid:lead_id>")
@page(READ, shows=OF_LEAD)
def lead(lead_id: UUID) -> str:
    return show_lead(lead_id)


@blueprint.post("/leads/<uuid:lead_id>/order")
@page("lead.order", shows=OF_LEAD)
def order_agency(lead_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = ORDERING.read(nested(request.form))
        handlers.order_agency(tx, seen, command, sealer(WORDS_PURPOSE))

    return _changed(lead_id, change, lead_id, form="order")


@blueprint.post("/leads/<uuid:lead_id>/transfer")
@page("lead.transfer", shows=OF_LEAD)
def transfer_lead(lead_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = TRANSFERRING.read(nested(request.form))
        handlers.transfer_lead(tx, seen, command, sealer(WORDS_PURPOSE))

    return _changed(lead_id, change, lead_id, form="transfer")


@blueprint.post("/leads/<uuid:lead_id>/close")
@page("lead.close", shows=OF_LEAD)
def close_lead(lead_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.close_lead(tx, seen, CLOSING.read(nested(request.form)))

    return _changed(lead_id, change, lead_id, form="close")


@blueprint.get("/orders")
@page("order.read", query=OrdersWantedSchema())
def orders(wanted: OrdersWanted) -> str:
    with reading() as session:
        rows = queries.orders(session, viewer(), wanted.filters(more=1))
        counts = queries.order_counts(session, viewer())
    shown, following = cut(rows, wanted.limit, lambda row: Cursor(row.place, str(row.order_id)))
    return render_template(
        "referral/orders.html",
        rows=shown,
        counts=counts,
        most=queries.COUNTED,
        wanted=wanted,
        tones=ORDER_TONES,
        sees_leads=sees_leads(),
        here=lambda **changes: _here(".orders", changes),
        next_url=_here(".orders", {"cursor": following}) if following else None,
    )


@blueprint.get("/orders/count")
@page("order.read")
def count_orders() -> str:
    """How many the agency has still to answer, for the navigation."""
    with reading() as session:
        found = queries.order_counts(session, viewer(), UNANSWERED)
    return open_count(found.values(), queries.COUNTED)


@blueprint.get("/orders/<uuid:order_id>")
@page("order.read", shows=OF_ORDER)
def order(order_id: UUID) -> str:
    return _show_order(order_id)


@blueprint.post("/orders/<uuid:order_id>/acknowledge")
@page("order.acknowledge", shows=OF_ORDER)
def acknowledge_order(order_id: UUID) -> Answer | tuple[str, int]:
    return _changed(order_id, handlers.acknowledge_order, form="acknowledge")


@blueprint.post("/orders/<uuid:order_id>/object")
@page("order.object", shows=OF_ORDER)
def object_to_order(order_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.object_to_order(tx, seen, OBJECTING.read(nested(request.form)))

    return _changed(order_id, change, form="object")


@blueprint.post("/orders/<uuid:order_id>/reply")
@page("order.reply", shows=OF_ORDER)
def reply_to_order(order_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = REPLYING.read(nested(request.form))
        handlers.reply_to_order(tx, seen, command, sealer(WORDS_PURPOSE))

    return _changed(order_id, change, form="reply")


@blueprint.post("/orders/<uuid:order_id>/close")
@page("order.close", shows=OF_LEAD)
def close_order(order_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.close_order(tx, seen, JUDGING.read(nested(request.form)))

    with reading() as session:
        lead_id = queries.order(session, viewer(), order_id, None).lead_id
    return _changed(order_id, change, lead_id, form="judge")


@blueprint.post("/reviews/<uuid:review_id>/acknowledge")
@page("review.acknowledge", shows=OF_LEAD)
def acknowledge_review(review_id: UUID) -> Answer | tuple[str, int]:
    return _changed(
        review_id, handlers.acknowledge_review, _lead_of_review(review_id), form="receive"
    )


@blueprint.post("/reviews/<uuid:review_id>/close")
@page("review.return", shows=OF_LEAD)
def close_review(review_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.close_review(tx, seen, DECIDING.read(nested(request.form)))

    return _changed(review_id, change, _lead_of_review(review_id), form="decide")


def _lead_of_review(review_id: UUID) -> UUID:
    with reading() as session:
        return queries.review(session, viewer(), review_id, None).lead_id


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
            return show_lead(lead_id, form=form, errors=errors), 422
        return _show_order(of, form=form, errors=errors), 422


def show_lead(lead_id: UUID, *, form: str = "", errors: Errors | None = None) -> str:
    """``form`` is the one that was refused, with its ``errors``."""
    actor = current_actor()
    openers = queries.Openers(texts=sealer(TEXT_PURPOSE), words=sealer(WORDS_PURPOSE))
    with reading() as session:
        found = queries.lead_file(session, viewer(), lead_id, openers)
        why = queries.explained(session, lead_id)
        timeline = queries.timeline(session, lead_id)
        agencies = queries.agencies_for(session, found)
        looking = access.looking_now(session, str(lead_id), viewer()) if found.whole else ()
    return render_template(
        "referral/lead.html",
        found=found,
        seen=_seen_by(lead_id) if found.audited else None,
        why=why,
        missing=MISSING.get(why.missing or ""),
        timeline_of=timeline,
        orders={str(order.order_id): order for order in found.orders},
        reviews={str(review.review_id): review for review in found.reviews},
        looking=looking,
        returned=queries.returned_at(found),
        agencies=[(agency.id, agency.name[language()]) for agency in agencies],
        actions=queries.lead_actions(actor, found),
        next_step=NEXT_STEPS.get(f"{found.state}.{found.route}") or NEXT_STEPS[found.state],
        tones=LEAD_TONES,
        form=form,
        errors=errors or {},
        values=request.form.to_dict() if form else {},
        pairs=_pairs,
        reasons=reasons(),
    )


def _seen_by(lead_id: UUID) -> Sequence[access.Seen]:
    with reading() as session:
        records = queries.records_of(session, viewer(), lead_id)
    return access.seen_by(records, access.ActsWanted(limit=access.ON_A_PAGE))[0]


def _show_order(order_id: UUID, *, form: str = "", errors: Errors | None = None) -> str:
    """``form`` is the one that was refused, with its ``errors``."""
    actor = current_actor()
    with reading() as session:
        found = queries.order(session, viewer(), order_id, sealer(WORDS_PURPOSE))
    return render_template(
        "referral/order.html",
        order=found,
        sees_leads=sees_leads(),
        actions=queries.order_actions(actor, found),
        tones=ORDER_TONES,
        form=form,
        errors=errors or {},
        values=request.form.to_dict() if form else {},
        pairs=_pairs,
    )


def sees_leads() -> bool:
    return POLICY.allows(current_actor(), READ)


def _pairs(kind: str, found: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, label(kind, code, language())) for code in found]


def _here(endpoint: str, changes: Mapping[str, str | None]) -> str:
    """The list with other filters; from its beginning unless a cursor is given."""
    kept = {name: value for name, value in request.args.items() if name != "cursor"}
    filters = {name: value for name, value in {**kept, **changes}.items() if value is not None}
    return url_for(endpoint) + (f"?{urlencode(filters)}" if filters else "")
