"""Looking: by receipt, in the queues, at one case."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug import Response

from services.intake.models.seals import Seals
from services.intake.pages.forms import options
from services.intake.queries.disputes import (
    DisputeFilters,
    DisputeInFull,
    dispute_in_full,
    dispute_numbered,
    disputes_shown,
)
from services.intake.queries.leads import LeadFilters, LeadInFull, lead_in_full, leads_shown
from services.intake.queries.places import area_names, communities
from services.intake.queries.receipts import told_by
from services.intake.schemas import particulars
from services.intake.schemas.filing import LOOK_UP_RECEIPT
from services.intake.schemas.lists import DISPUTE_FILTERS, LEAD_FILTERS
from shared.errors import NotFound
from shared.web.context import language, reading, sealer, viewer
from shared.web.finding import FIND, Find
from shared.web.forms import form_errors, nested
from shared.web.operation import page
from shared.words import label

blueprint = Blueprint("looking", __name__)


@blueprint.get("/receipts")
@page("receipt.look_up")
def receipts() -> str:
    return render_template("intake/receipts.html", errors={}, told=None)


@blueprint.post("/receipts")
@page("receipt.look_up")
def look_up_receipt() -> ResponseReturnValue:
    """What was typed is not shown again: a receipt is a secret."""
    try:
        command = LOOK_UP_RECEIPT.read(nested(request.form))
        with reading() as session:
            told = told_by(session, _seals(), command.receipt)
    except ValidationError as error:
        errors, status = form_errors(error, request.form), 422
    except NotFound as error:
        fields = NotFound(error.text, fields={"receipt": error.text})
        errors, status = form_errors(fields, request.form), 404
    else:
        return render_template("intake/receipts.html", errors={}, told=told)
    return render_template("intake/receipts.html", errors=errors, told=None), status


@blueprint.get("/disputes")
@page("dispute.read", query=DISPUTE_FILTERS, shows=particulars.OF_LIST)
def disputes(wanted: DisputeFilters) -> str:
    with reading() as session:
        found, following = disputes_shown(session, _seals(), viewer(), wanted)
        particulars.tell_list(found)
        return render_template(
            "intake/disputes.html",
            found=found,
            next_url=_next_url("looking.disputes", following),
            without=_without("looking.disputes"),
            places=communities(session, language()),
            area_name=area_names(session, language()),
            states=options("state"),
            categories=options("category"),
            wanted={name: value for name, value in request.args.items() if value},
        )


@blueprint.get("/find")
@page("dispute.read", query=FIND)
def find(wanted: Find) -> Response | str:
    """A registered dispute by its exact number, where the reader may know of it."""
    if wanted.elsewhere:
        return redirect(wanted.elsewhere, 303)
    with reading() as session:
        case_id = dispute_numbered(session, viewer(), wanted.number)
    if case_id is None:
        return render_template("finding/nothing.html", wanted=wanted, url=url_for(".disputes"))
    return redirect(url_for(".dispute", case_id=case_id), 303)


@blueprint.get("/disputes/<uuid:case_id>")
@page("dispute.read", shows=particulars.OF_DISPUTE)
def dispute(case_id: UUID) -> str:
    with reading() as session:
        found = dispute_in_full(session, _seals(), viewer(), case_id)
        particulars.tell_dispute(found)
        return render_template(
            "intake/dispute.html",
            found=found,
            facts=list(_facts(found)),
            area_name=area_names(session, language()),
        )


@blueprint.get("/leads")
@page("lead.read", query=LEAD_FILTERS)
def leads(wanted: LeadFilters) -> str:
    with reading() as session:
        found, following = leads_shown(session, _seals(), viewer(), wanted)
        return render_template(
            "intake/leads.html",
            found=found,
            next_url=_next_url("looking.leads", following),
            without=_without("looking.leads"),
            places=communities(session, language()),
            area_name=area_names(session, language()),
            states=options("lead_state"),
            fields=options("field"),
            wanted={name: value for name, value in request.args.items() if value},
        )


@blueprint.get("/leads/<uuid:lead_id>")
@page("lead.read", shows=particulars.OF_LEAD)
def lead(lead_id: UUID) -> str:
    with reading() as session:
        found = lead_in_full(session, _seals(), viewer(), lead_id)
        particulars.tell_lead(found)
        return render_template(
            "intake/lead.html",
            found=found,
            facts=list(_facts(found)),
            area_name=area_names(session, language()),
        )


def _facts(found: DisputeInFull | LeadInFull) -> Iterator[tuple[str, str]]:
    """Question and answer of every fact that is known."""
    for group in (found.danger, found.facts, found.public_interest):
        for name, value in vars(group).items():
            if value not in {None, "unknown"}:
                kind = name if name in {"exclusion", "field"} else "known"
                yield label("fact", name, language()), label(kind, str(value), language())


def _without(endpoint: str) -> Callable[[str], str]:
    """The list without one of its filters, from its beginning."""

    def address(name: str) -> str:
        gone = {name, "cursor"}
        kept: dict[str, Any] = {
            key: value for key, value in request.args.items() if key not in gone
        }
        return url_for(endpoint, **kept)

    return address


def _next_url(endpoint: str, following: str | None) -> str | None:
    if following is None:
        return None
    filters: dict[str, Any] = {**request.args.to_dict(), "cursor": following}
    return url_for(endpoint, **filters)


def _seals() -> Seals:
    return Seals.made_by(sealer)
