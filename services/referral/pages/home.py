"""Where people of leads begin: what waits for them, and the way from a number to its page."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, url_for
from werkzeug import Response

from services.referral import queries
from services.referral.pages import sees_leads
from shared.web.context import reading, viewer
from shared.web.finding import FIND, Find
from shared.web.i18n import N_
from shared.web.operation import page

blueprint = Blueprint("home", __name__)

TURNS: Mapping[str, tuple[str, str]] = {
    "screening": (N_("Decide who takes it up"), N_("Assign the lead")),
    "objected": (N_("Decide who is next: the agency objected"), N_("Read the objection")),
    "returned": (N_("Add what the procuratorate misses"), N_("Add the facts")),
    "agency_replied": (N_("Look on site whether the answer is true"), N_("Read the answer")),
    "feedback_due": (N_("Tell the filer what came of it"), N_("Close the lead")),
    "transferred": (N_("Confirm that it has arrived"), N_("Receive the lead")),
    "under_evaluation": (N_("Evaluate it and decide"), N_("Read the lead")),
    "opened": (N_("Take it on, or object with a reason"), N_("Read the order")),
    "acknowledged": (N_("Answer what you found and did"), N_("Answer the order")),
}
"""By state, what is to be done, and what the way there is called."""


@blueprint.get("/")
@page("front.read")
def start() -> str | Response:
    """Who only sees what became of leads begins with the list."""
    who = viewer()
    if not sees_leads():
        with reading() as session:
            waiting = queries.orders_home(session, who)
        return _render("referral/home_orders.html", waiting)
    if not queries.has_home(who):
        return redirect(url_for("pages.leads"), 303)
    with reading() as session:
        found = queries.leads_home(session, who)
    return _render("referral/home.html", found)


@blueprint.get("/find")
@page("front.read", query=FIND)
def find(wanted: Find) -> Response | str:
    """A lead, or for an agency its newest order, by its exact number, if it is within reach."""
    if wanted.elsewhere:
        return redirect(wanted.elsewhere, 303)
    with reading() as session:
        if sees_leads():
            lead_id = queries.numbered(session, viewer(), wanted.number)
            place = lead_id and url_for("pages.lead", lead_id=lead_id)
        else:
            order_id = queries.numbered_order(session, viewer(), wanted.number)
            place = order_id and url_for("pages.order", order_id=order_id)
    if place:
        return redirect(place, 303)
    return render_template("finding/nothing.html", wanted=wanted, url=url_for(".start"))


def _render(template: str, found: queries.LeadsHome | queries.OrdersHome) -> str:
    return render_template(template, home=found, turns=TURNS, now=viewer().now)
