"""Filing a dispute or a lead. What is registered is shown at once, as the answer to the form: a
receipt must not stand in an address, and a reload repeats the request without filing again.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from services.intake.handlers.desk import Desk
from services.intake.handlers.disputes import prepare_dispute, register_dispute
from services.intake.handlers.leads import prepare_lead, register_lead
from services.intake.models.seals import Seals
from services.intake.pages import forms
from services.intake.policy import POLICY
from services.intake.queries.places import area_names
from services.intake.schemas.filing import FILE_DISPUTE, FILE_LEAD
from shared.errors import Rejected
from shared.web.answer import Answer
from shared.web.context import current_actor, language, platform, reading, sealer
from shared.web.forms import nested
from shared.web.idempotency import once
from shared.web.operation import page
from shared.words import label

blueprint = Blueprint("filing", __name__)

NEW_DISPUTE = "intake/new_dispute.html"
NEW_LEAD = "intake/new_lead.html"
MORE = "more"
"""The button that asks for room for one more party of the side it names."""


@blueprint.get("/")
@page("front.read")
def front() -> str:
    actor = current_actor()
    return render_template(
        "intake/front.html",
        reads_disputes=POLICY.allows(actor, "dispute.read"),
        reads_leads=POLICY.allows(actor, "lead.read"),
    )


@blueprint.get("/disputes/new")
@page("dispute.file")
def new_dispute() -> str:
    return forms.show(NEW_DISPUTE, forms.Form())


@blueprint.post("/disputes/new")
@page("dispute.file")
def file_dispute() -> ResponseReturnValue:
    if MORE in request.form:
        return forms.show(NEW_DISPUTE, forms.with_another_party(request.form[MORE]))
    try:
        desk = _desk()
        new = prepare_dispute(FILE_DISPUTE.read(_given()), desk)
        told = once(lambda tx: Answer(register_dispute(tx, new, desk)))
    except (ValidationError, Rejected) as error:
        return forms.show(NEW_DISPUTE, forms.refused(error)), 422
    matter = label("category", new.filed.category, language())
    return _registered(told, "dispute", matter, new.filed.place.area)


@blueprint.get("/leads/new")
@page("lead.file")
def new_lead() -> str:
    return forms.show(NEW_LEAD, forms.Form())


@blueprint.post("/leads/new")
@page("lead.file")
def file_lead() -> ResponseReturnValue:
    try:
        desk = _desk()
        new = prepare_lead(FILE_LEAD.read(_given()), desk)
        told = once(lambda tx: Answer(register_lead(tx, new, desk)))
    except (ValidationError, Rejected) as error:
        return forms.show(NEW_LEAD, forms.refused(error)), 422
    field = new.filed.public_interest.field
    matter = label("field", field, language()) if field else ""
    return _registered(told, "lead", matter, new.filed.place.area)


def _registered(told: Answer, kind: str, matter: str, area: str) -> tuple[str, int]:
    """What was filed stands beside its receipt, in as many words as a stranger may read."""
    with reading() as session:
        name = area_names(session, language())(area)
    return (
        render_template(
            "intake/registered.html", told=told.body, kind=kind, matter=matter, area=name
        ),
        201,
    )


def _given() -> dict[str, object]:
    """The place is always a group of its own, so that what is missing in it is named."""
    return {"place": {}, **nested(request.form)}


def _desk() -> Desk:
    return Desk.at(platform(), current_actor(), Seals.made_by(sealer))
