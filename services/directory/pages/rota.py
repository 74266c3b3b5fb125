"""The page of the duty rota."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.directory import handlers, queries
from services.directory.data import days_around, week
from services.directory.handlers import Seen
from services.directory.models import Duty, Member
from services.directory.pages.forms import Form, area_options, filled, named, options, submitted
from services.directory.policy import POLICY
from services.directory.queries import MembersWanted
from services.directory.schemas.changes import AddDutySchema, ConfirmationSchema
from shared.clock import day_in_china
from shared.db import Transaction
from shared.events.directory import DutyPublished
from shared.web.answer import Answer
from shared.web.context import current_actor, language, platform, reading
from shared.web.forms import nested
from shared.web.operation import expected_version, page

blueprint = Blueprint("rota", __name__)

ADDING = AddDutySchema()
CONFIRMING = ConfirmationSchema()
MOST_MEMBERS = 2000
"""That can be chosen from; more are reached by the API and the table."""


@blueprint.get("/rota")
@page("rota.look")
def rota() -> str:
    return _show(filled({"valid_from": day_in_china(platform().clock())}))


@blueprint.post("/rota")
@page("rota.change")
def add_duty() -> ResponseReturnValue | Answer:
    def work(tx: Transaction) -> Answer:
        handlers.add_duty(tx, current_actor(), ADDING.read(nested(request.form)))
        return Answer(None, location=url_for(".rota"))

    return submitted(work, _show)


@blueprint.post("/rota/<duty_id>/end")
@page("rota.change")
def end_duty(duty_id: str) -> ResponseReturnValue | Answer:
    seen = Seen(id=duty_id, version=expected_version())

    def work(tx: Transaction) -> Answer:
        command = CONFIRMING.read(nested(request.form))
        handlers.end_duty(tx, current_actor(), seen, command)
        return Answer(None, location=url_for(".rota"))

    return submitted(work, lambda form: _show(form, ending=duty_id))


def _show(form: Form, *, ending: str | None = None) -> str:
    """``ending`` is the entry whose end was refused."""
    actor = current_actor()
    today = day_in_china(platform().clock())
    days = days_around(today)
    with reading() as session:
        found = queries.rota_seen(session, actor)
        known = queries.names(session, language())
        wanted = MembersWanted(limit=MOST_MEMBERS)
        people = queries.members_seen(session, actor, wanted)
    return render_template(
        "directory/rota.html",
        found=found,
        days=days,
        week=week((DutyPublished(**vars(duty.state())) for duty, _ in found), days),
        away=_away(found, days),
        today=today,
        known=known,
        form=form,
        ending=ending,
        members=[(one.id, f"{named(one)} – {known.of(one.organisation_id)}") for one in people],
        roles=options("role"),
        areas=area_options(known, [""]),
        weekdays=options("weekday"),
        may=lambda action: POLICY.allows(current_actor(), action),
    )


def _away(found: Sequence[tuple[Duty, Member]], days: Sequence[date]) -> set[tuple[str, date]]:
    """Who is on leave when."""
    people = {member.id: member for _, member in found}
    return {
        (member.id, day)
        for member in people.values()
        for day in days
        if queries.on_leave(member, day)
    }
