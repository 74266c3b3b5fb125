"""Referral's JSON API: leads, orders to agencies, and reviews by a procuratorate."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, url_for

from services.referral import handlers, queries
from services.referral.handlers import (
    Closing,
    Finding,
    Milestone,
    NewOrder,
    Objection,
    Reply,
    Seen,
    Transfer,
)
from services.referral.models import TEXT_PURPOSE, WORDS_PURPOSE
from services.referral.policy import BREAK_GLASS, OPEN, OPENINGS, READ
from services.referral.relations import OPENABLE
from services.referral.schemas import (
    ClosingSchema,
    FindingSchema,
    LeadFileSchema,
    LeadsSchema,
    LeadsWanted,
    LeadsWantedSchema,
    ListedSchema,
    MilestoneSchema,
    NewOrderSchema,
    ObjectionSchema,
    OrderListedSchema,
    OrderSchema,
    OrdersSchema,
    OrdersWanted,
    OrdersWantedSchema,
    ReplySchema,
    ReviewSchema,
    RoutingSchema,
    TimelineSchema,
    TransferSchema,
)
from shared.auth.actor import Viewer
from shared.db import Transaction
from shared.db.openings import Judge, Open
from shared.web import access
from shared.web.answer import Answer
from shared.web.context import current_actor, reading, sealer, viewer
from shared.web.idempotency import once
from shared.web.openings import (
    JudgeSchema,
    OpenedSchema,
    OpeningsSchema,
    OpenSchema,
    glass_answer,
    opened_answer,
    openings_answer,
    reviewed_answer,
)
from shared.web.operation import expected_version, operation
from shared.web.paging import Cursor, cut

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

Work = Callable[[Transaction, Seen], object]


@blueprint.get("/leads")
@operation(READ, query=LeadsWantedSchema(), answer=LeadsSchema())
def leads(wanted: LeadsWanted) -> Answer:
    with reading() as session:
        rows = queries.leads(session, viewer(), wanted.filters(more=1))
    shown, following = cut(
        rows, wanted.limit, lambda row: Cursor(row.registered_at, str(row.lead_id))
    )
    return Answer({"items": shown}, next_cursor=following)


@blueprint.get("/leads/<uuid:lead_id>")
@operation(READ, answer=LeadFileSchema(), shows=("text", "words"))
def lead(lead_id: UUID) -> Answer:
    openers = queries.Openers(texts=sealer(TEXT_PURPOSE), words=sealer(WORDS_PURPOSE))
    with reading() as session:
        found = queries.lead_file(session, viewer(), lead_id, openers)
    return Answer(found, etag=found.version)


@blueprint.get("/leads/<uuid:lead_id>/routing")
@operation(READ, answer=RoutingSchema())
def routing(lead_id: UUID) -> Answer:
    with reading() as session:
        queries.lead(session, viewer(), lead_id)
        return Answer(queries.explained(session, lead_id))


@blueprint.get("/leads/<uuid:lead_id>/timeline")
@operation(READ, answer=TimelineSchema())
def timeline(lead_id: UUID) -> Answer:
    with reading() as session:
        queries.lead(session, viewer(), lead_id)
        return Answer({"items": queries.timeline(session, lead_id)})


@blueprint.get("/leads/<uuid:lead_id>/audit")
@operation("audit.read", query=access.WANTED, answer=access.ActsSchema(), shows=access.SHOWS)
def audit(wanted: access.ActsWanted, lead_id: UUID) -> Answer:
    """Who saw or changed it here, with its orders and reviews, the newest first."""
    with reading() as session:
        records = queries.records_of(session, viewer(), lead_id)
    return access.seen_answer(records, wanted)


@blueprint.post("/leads/<uuid:lead_id>/order")
@operation(
    "lead.order",
    body=NewOrderSchema(),
    answer=OrderListedSchema(),
    status=201,
    conditional=True,
)
def order_agency(command: NewOrder, lead_id: UUID) -> Answer:
    seen, words = _seen(lead_id), sealer(WORDS_PURPOSE)
    return once(lambda tx: _made_order(tx, handlers.order_agency(tx, seen, command, words)))


@blueprint.post("/leads/<uuid:lead_id>/transfer")
@operation(
    "lead.transfer",
    body=TransferSchema(),
    answer=ReviewSchema(),
    status=201,
    conditional=True,
)
def transfer_lead(command: Transfer, lead_id: UUID) -> Answer:
    seen, words = _seen(lead_id), sealer(WORDS_PURPOSE)
    return once(lambda tx: _made_review(tx, handlers.transfer_lead(tx, seen, command, words)))


@blueprint.post("/leads/<uuid:lead_id>/close")
@operation("lead.close", body=ClosingSchema(), answer=ListedSchema(), conditional=True)
def close_lead(command: Closing, lead_id: UUID) -> Answer:
    seen = _seen(lead_id)

    def work(tx: Transaction) -> Answer:
        handlers.close_lead(tx, seen, command)
        found = queries.listed_lead(tx.session, _viewer(tx), lead_id)
        return Answer(found, etag=found.version)

    return once(work)


@blueprint.get("/orders")
@operation("order.read", query=OrdersWantedSchema(), answer=OrdersSchema())
def orders(wanted: OrdersWanted) -> Answer:
    with reading() as session:
        rows = queries.orders(session, viewer(), wanted.filters(more=1))
    shown, following = cut(rows, wanted.limit, lambda row: Cursor(row.place, str(row.order_id)))
    return Answer({"items": shown}, next_cursor=following)


@blueprint.get("/orders/<uuid:order_id>")
@operation("order.read", answer=OrderSchema(), shows=("words",))
def order(order_id: UUID) -> Answer:
    with reading() as session:
        found = queries.order(session, viewer(), order_id, sealer(WORDS_PURPOSE))
    return Answer(found, etag=found.version)


@blueprint.post("/orders/<uuid:order_id>/acknowledge")
@operation("order.acknowledge", answer=OrderListedSchema(), conditional=True)
def acknowledge_order(order_id: UUID) -> Answer:
    return _with_order(order_id, handlers.acknowledge_order)


@blueprint.post("/orders/<uuid:order_id>/object")
@operation("order.object", body=ObjectionSchema(), answer=OrderListedSchema(), conditional=True)
def object_to_order(command: Objection, order_id: UUID) -> Answer:
    return _with_order(order_id, lambda tx, seen: handlers.object_to_order(tx, seen, command))


@blueprint.post("/orders/<uuid:order_id>/reply")
@operation("order.reply", body=ReplySchema(), answer=OrderListedSchema(), conditional=True)
def reply_to_order(command: Reply, order_id: UUID) -> Answer:
    words = sealer(WORDS_PURPOSE)
    return _with_order(order_id, lambda tx, seen: handlers.reply_to_order(tx, seen, command, words))


@blueprint.post("/orders/<uuid:order_id>/close")
@operation("order.close", body=FindingSchema(), answer=OrderListedSchema(), conditional=True)
def close_order(command: Finding, order_id: UUID) -> Answer:
    return _with_order(order_id, lambda tx, seen: handlers.close_order(tx, seen, command))


@blueprint.get("/reviews/<uuid:review_id>")
@operation("review.read", answer=ReviewSchema(), shows=("words",))
def review(review_id: UUID) -> Answer:
    with reading() as session:
        found = queries.review(session, viewer(), review_id, sealer(WORDS_PURPOSE))
    return Answer(found, etag=found.version)


@blueprint.post("/reviews/<uuid:review_id>/acknowledge")
@operation("review.acknowledge", answer=ReviewSchema(), conditional=True)
def acknowledge_review(review_id: UUID) -> Answer:
    return _with_review(review_id, handlers.acknowledge_review)


@blueprint.post("/reviews/<uuid:review_id>/close")
@operation("review.return", body=MilestoneSchema(), answer=ReviewSchema(), conditional=True)
def close_review(command: Milestone, review_id: UUID) -> Answer:
    return _with_review(review_id, lambda tx, seen: handlers.close_review(tx, seen, command))


@blueprint.post("/leads/<uuid:lead_id>/open")
@operation(OPEN, body=OpenSchema(), answer=OpenedSchema(), status=201)
def open_lead(command: Open, lead_id: UUID) -> Answer:
    """Say why; all of the lead is seen for half an hour."""
    return opened_answer(OPENABLE, lead_id, command)


@blueprint.post("/leads/<uuid:lead_id>/break-glass")
@operation(BREAK_GLASS, body=OpenSchema(), answer=OpenedSchema(), status=201)
def break_glass(command: Open, lead_id: UUID) -> Answer:
    """See a lead of one's area that is somebody else's, for half an hour; it is looked at."""
    return glass_answer(OPENABLE, lead_id, command)


@blueprint.get("/openings")
@operation(OPENINGS, answer=OpeningsSchema(), shows=("reasons",))
def openings() -> Answer:
    """Leads that somebody has opened who does not have them, and that wait to be looked at."""
    return openings_answer(OPENABLE)


@blueprint.post("/leads/<uuid:lead_id>/openings/<uuid:opening_id>/review")
@operation(OPENINGS, body=JudgeSchema(), status=204)
def review_opening(command: Judge, lead_id: UUID, opening_id: UUID) -> Answer:
    """Say whether the reason was good."""
    return reviewed_answer(OPENABLE, lead_id, opening_id, command)


def _seen(of: UUID) -> Seen:
    return Seen(id=of, version=expected_version(), by=current_actor())


def _viewer(tx: Transaction) -> Viewer:
    return Viewer(actor=current_actor(), now=tx.now)


def _with_order(order_id: UUID, work: Work) -> Answer:
    seen = _seen(order_id)

    def done(tx: Transaction) -> Answer:
        work(tx, seen)
        found = queries.order(tx.session, _viewer(tx), order_id, None)
        return Answer(found, etag=found.version)

    return once(done)


def _with_review(review_id: UUID, work: Work) -> Answer:
    seen = _seen(review_id)

    def done(tx: Transaction) -> Answer:
        work(tx, seen)
        found = queries.review(tx.session, _viewer(tx), review_id, None)
        return Answer(found, etag=found.version)

    return once(done)


def _made_order(tx: Transaction, order_id: UUID) -> Answer:
    found = queries.order(tx.session, _viewer(tx), order_id, None)
    place = url_for(".order", order_id=order_id)
    return Answer(found, etag=found.version, location=place)


def _made_review(tx: Transaction, review_id: UUID) -> Answer:
    found = queries.review(tx.session, _viewer(tx), review_id, None)
    place = url_for(".review", review_id=review_id)
    return Answer(found, etag=found.version, location=place)
