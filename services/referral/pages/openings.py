"""Seeing more of a lead for a while, and what waits to be looked at."""

from uuid import UUID

from flask import Blueprint

from services.referral.pages import OF_LEAD, show_lead
from services.referral.policy import BREAK_GLASS, OPEN, OPENINGS
from services.referral.relations import OPENABLE
from shared.web.answer import Answer
from shared.web.openings import OpeningPages
from shared.web.operation import page

blueprint = Blueprint("openings", __name__)

OPENING_PAGES = OpeningPages(openable=OPENABLE, case="pages.lead", argument="lead_id")


@blueprint.post("/leads/<uuid:lead_id>/open")
@page(OPEN, shows=OF_LEAD)
def open_lead(lead_id: UUID) -> Answer | tuple[str, int]:
    return OPENING_PAGES.open_case(
        lead_id, lambda errors: show_lead(lead_id, form="open", errors=errors)
    )


@blueprint.get("/leads/<uuid:lead_id>/break-glass")
@page(BREAK_GLASS)
def glass(lead_id: UUID) -> str:
    """Of the lead itself this tells no more than that there is one."""
    return OPENING_PAGES.glass(lead_id)


@blueprint.post("/leads/<uuid:lead_id>/break-glass")
@page(BREAK_GLASS)
def break_glass(lead_id: UUID) -> Answer | tuple[str, int]:
    return OPENING_PAGES.break_glass(lead_id)


@blueprint.get("/openings")
@page(OPENINGS, shows=("reasons",))
def openings() -> str:
    return OPENING_PAGES.openings()


@blueprint.post("/leads/<uuid:lead_id>/openings/<uuid:opening_id>/review")
@page(OPENINGS, shows=("reasons",))
def review_opening(lead_id: UUID, opening_id: UUID) -> Answer | tuple[str, int]:
    return OPENING_PAGES.review(lead_id, opening_id)
