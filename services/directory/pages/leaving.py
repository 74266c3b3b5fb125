"""The page on which a member's things are handed over, until they can leave."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.directory import handlers, queries
from services.directory.handlers import Seen, SetLeave
from services.directory.pages.forms import Form, named, submitted
from services.directory.schemas.changes import ConfirmationSchema, HandOverSchema
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Rejected
from shared.holdings import Holdings
from shared.web.answer import Answer
from shared.web.context import current_actor, language, platform, reading
from shared.web.forms import nested
from shared.web.operation import expected_version, page

blueprint = Blueprint("leaving", __name__)

HANDING = HandOverSchema()
CONFIRMING = ConfirmationSchema()


@blueprint.get("/members/<member_id>/leaving")
@page("member.hand_over")
def leaving(member_id: str) -> str:
    """What they hold now; loaded again, it shows what is left."""
    return _show(member_id, Form())


@blueprint.post("/members/<member_id>/leaving")
@page("member.set_leave")
def begin_leaving(member_id: str) -> ResponseReturnValue | Answer:
    """The first step: from today nothing new comes to them."""
    seen = Seen(id=member_id, version=expected_version())

    def work(tx: Transaction) -> Answer:
        confirmed = CONFIRMING.read(nested(request.form)).confirmed
        leave = SetLeave(leave_from=day_in_china(tx.now), confirmed=confirmed)
        handlers.set_leave(tx, current_actor(), seen, leave)
        return Answer(None, location=url_for(".leaving", member_id=member_id))

    return submitted(work, lambda form: _show(member_id, form))


@blueprint.post("/members/<member_id>/hand-over")
@page("member.hand_over")
def hand_over(member_id: str) -> ResponseReturnValue | Answer:
    held = _held(member_id)

    def work(tx: Transaction) -> Answer:
        command = HANDING.read({"items": [], **nested(request.form)})
        handlers.hand_over(tx, current_actor(), member_id, command, held.items)
        return Answer(None, location=url_for(".leaving", member_id=member_id))

    return submitted(work, lambda form: _show(member_id, form))


@blueprint.post("/members/<member_id>/deactivate")
@page("member.deactivate")
def deactivate_member(member_id: str) -> ResponseReturnValue | Answer:
    seen = Seen(id=member_id, version=expected_version())
    held = _held(member_id)

    def work(tx: Transaction) -> Answer:
        if held.items:
            raise Rejected("They still hold something: hand it over first.")
        command = CONFIRMING.read(nested(request.form))
        handlers.deactivate_member(tx, current_actor(), seen, command)
        return Answer(None, location=url_for("members.members"))

    return submitted(work, lambda form: _show(member_id, form))


def _held(member_id: str) -> Holdings:
    """Outside of any look at our database: the others may take their time. Raises NotFound."""
    with reading() as session:
        queries.member_seen(session, current_actor(), member_id)
    return queries.holdings(platform().internal, member_id)


def _show(member_id: str, form: Form) -> str:
    held = _held(member_id)
    today = day_in_china(platform().clock())
    with reading() as session:
        member = queries.member_seen(session, current_actor(), member_id)
        found = queries.leaving(session, member, held, today)
        known = queries.names(session, language())
    return render_template(
        "directory/leaving.html",
        found=found,
        member=member,
        on_leave=queries.on_leave(member, today),
        known=known,
        named=named,
        form=form,
    )
