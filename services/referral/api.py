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
from services.referral.policy import POLICY
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
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.web.answer import Answer
from shared.web.context import current_actor, reading, sealer
from shared.web.idempotency import once
from shared.web.operation import expected_version, operation
from shared.web.paging import Cursor, cut

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

Work = Callable[[Transaction, Seen], object]


@blueprint.get("/leads")
@operation("lead.read", query=LeadsWantedSchema(), answer=LeadsSchema())
def leads(wanted: LeadsWanted) -> Answer:
    with reading() as session:
        rows = queries.leads(session, wanted.filters(more=1), current_actor())
    shown, following = cut(
        rows, wanted.limit, lambda row: Cursor(row.registered_at, str(row.lead_id))
    )
    return Answer({"items": shown}, next_cursor=following)


@blueprint.get("/leads/<uuid:lead_id>")
@operation("lead.read", answer=LeadFileSchema())
def lead(lead_id: UUID) -> Answer:
    openers = queries.Openers(texts=sealer(TEXT_PURPOSE), words=sealer(WORDS_PURPOSE))
    with reading() as session:
        found = queries.lead_file(session, lead_id, current_actor(), openers)
    return Answer(found, etag=found.version)


@blueprint.get("/leads/<uuid:lead_id>/routing")
@operation("lead.read", answer=RoutingSchema())
def routing(lead_id: UUID) -> Answer:
    with reading() as session:
        queries.lead(session, lead_id, current_actor())
        return Answer(queries.explained(session, lead_id))


@blueprint.get("/leads/<uuid:lead_id>/timeline")
@operation("lead.read", answer=TimelineSchema())
def timeline(lead_id: UUID) -> Answer:
    with reading() as session:
        queries.lead(session, lead_id, current_actor())
        return Answer({"items": queries.timeline(session, lead_id)})


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
        found = queries.listed_lead(tx.session, lead_id, seen.by)
        return Answer(found, etag=found.version)

    return once(work)


@blueprint.get("/orders")
@operation("order.read", query=OrdersWantedSchema(), answer=OrdersSchema())
def orders(wanted: OrdersWanted) -> Answer:
    with reading() as session:
        rows = queries.orders(session, wanted.filters(more=1), current_actor())
    shown, following = cut(rows, wanted.limit, lambda row: Cursor(row.opened_at, str(row.order_id)))
    return Answer({"items": shown}, next_cursor=following)


@blueprint.get("/orders/<uuid:order_id>")
@operation("order.read", answer=OrderSchema())
def order(order_id: UUID) -> Answer:
    with reading() as session:
        found = queries.order(session, order_id, current_actor(), _words("order.read_words"))
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
@operation("review.read", answer=ReviewSchema())
def review(review_id: UUID) -> Answer:
    with reading() as session:
        found = queries.review(session, review_id, current_actor(), _words("review.read_note"))
    return Answer(found, etag=found.version)


@blueprint.post("/reviews/<uuid:review_id>/acknowledge")
@operation("review.acknowledge", answer=ReviewSchema(), conditional=True)
def acknowledge_review(review_id: UUID) -> Answer:
    return _with_review(review_id, handlers.acknowledge_review)


@blueprint.post("/reviews/<uuid:review_id>/close")
@operation("review.return", body=MilestoneSchema(), answer=ReviewSchema(), conditional=True)
def close_review(command: Milestone, review_id: UUID) -> Answer:
    return _with_review(review_id, lambda tx, seen: handlers.close_review(tx, seen, command))


def _seen(of: UUID) -> Seen:
    return Seen(id=of, version=expected_version(), by=current_actor())


def _words(action: str) -> Sealer | None:
    """What people wrote is opened only for those who may read it."""
    return sealer(WORDS_PURPOSE) if POLICY.allows(current_actor(), action) else None


def _with_order(order_id: UUID, work: Work) -> Answer:
    seen = _seen(order_id)

    def done(tx: Transaction) -> Answer:
        work(tx, seen)
        found = queries.order(tx.session, order_id, seen.by, None)
        return Answer(found, etag=found.version)

    return once(done)


def _with_review(review_id: UUID, work: Work) -> Answer:
    seen = _seen(review_id)

    def done(tx: Transaction) -> Answer:
        work(tx, seen)
        found = queries.review(tx.session, review_id, seen.by, None)
        return Answer(found, etag=found.version)

    return once(done)


def _made_order(tx: Transaction, order_id: UUID) -> Answer:
    found = queries.order(tx.session, order_id, current_actor(), None)
    place = url_for(".order", order_id=order_id)
    return Answer(found, etag=found.version, location=place)


def _made_review(tx: Transaction, review_id: UUID) -> Answer:
    found = queries.review(tx.session, review_id, current_actor(), None)
    place = url_for(".review", review_id=review_id)
    return Answer(found, etag=found.version, location=place)
