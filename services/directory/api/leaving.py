"""A member leaves, over the API: what they hold, to whom it goes, and the end of it."""

from flask import Blueprint

from services.directory import handlers, queries
from services.directory.handlers import Confirmation, HandOver, Seen
from services.directory.schemas.changes import (
    ChangedSchema,
    ConfirmationSchema,
    HandOverSchema,
    LeavingSchema,
    OrderedSchema,
)
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Rejected
from shared.web.answer import Answer
from shared.web.context import current_actor, platform, reading
from shared.web.idempotency import once
from shared.web.operation import expected_version, operation

blueprint = Blueprint("leaving_api", __name__, url_prefix="/api/v1")


@blueprint.get("/members/<member_id>/leaving")
@operation("member.hand_over", answer=LeavingSchema())
def leaving(member_id: str) -> Answer:
    """What they hold with who could have it, and what nobody could do without them."""
    with reading() as session:
        queries.member_seen(session, current_actor(), member_id)
    held = queries.holdings(platform().internal, member_id)
    with reading() as session:
        found = queries.member_seen(session, current_actor(), member_id)
        today = day_in_china(platform().clock())
        return Answer(queries.leaving(session, found, held, today))


@blueprint.post("/members/<member_id>/hand-over")
@operation("member.hand_over", body=HandOverSchema(), answer=OrderedSchema())
def hand_over(command: HandOver, member_id: str) -> Answer:
    """Gives these items to others; who keeps them does so a moment later."""
    with reading() as session:
        queries.member_seen(session, current_actor(), member_id)
    held = queries.holdings(platform().internal, member_id)

    def work(tx: Transaction) -> Answer:
        ordered = handlers.hand_over(tx, current_actor(), member_id, command, held.items)
        return Answer({"ordered": ordered})

    return once(work)


@blueprint.post("/members/<member_id>/deactivate")
@operation("member.deactivate", body=ConfirmationSchema(), answer=ChangedSchema(), conditional=True)
def deactivate_member(command: Confirmation, member_id: str) -> Answer:
    """They are gone; refused while they hold anything."""
    seen = Seen(id=member_id, version=expected_version())
    with reading() as session:
        queries.member_seen(session, current_actor(), member_id)
    if queries.holdings(platform().internal, member_id).items:
        raise Rejected("They still hold something: hand it over first.")

    def work(tx: Transaction) -> Answer:
        changed = handlers.deactivate_member(tx, current_actor(), seen, command)
        return Answer({"id": member_id, "gaps": changed.gaps})

    return once(work)
