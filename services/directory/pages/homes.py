"""Where a role's work is: there one goes after signing in, and from ``/``."""

from flask import Blueprint, redirect
from werkzeug import Response

from shared.auth.actor import NEWCOMER
from shared.web.context import current_actor
from shared.web.operation import page

blueprint = Blueprint("homes", __name__)

COMMITTEES = "/mediation/"
LEADS = "/referral/"
DIRECTORY = "/directory/"
HOMES = {
    NEWCOMER: "/directory/account/password",
    "judicial_office": COMMITTEES,
    "liaison": COMMITTEES,
    "mediator": COMMITTEES,
    "pmc_director": COMMITTEES,
    "agency_handler": LEADS,
    "agency_lead": LEADS,
    "chief_prosecutor": LEADS,
    "proc_intake": LEADS,
    "prosecutor": LEADS,
    "referral_officer": LEADS,
    "police_liaison": LEADS,
    "ops": "/ops/flows",
    "org_admin": DIRECTORY,
    "auditor": "/mediation/audit",
}
HOME = "/intake/"
"""Where everybody else begins, and who is not signed in."""


@blueprint.get("/home")
@page("home.open")
def lead_home() -> Response:
    return redirect(home(current_actor().roles), 303)


def home(roles: frozenset[str]) -> str:
    return next((path for role, path in HOMES.items() if role in roles), HOME)
