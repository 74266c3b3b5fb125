"""Signing in and out. Until there are accounts, who starts the system hands out links."""

from flask import Blueprint, redirect, render_template, request
from werkzeug import Response

from services.directory import queries
from shared.auth.actor import Actor
from shared.auth.door import COOKIE, ISSUER, SESSION_LIFETIME, SIGN_IN
from shared.auth.tokens import DOOR, signer, verifier
from shared.web.context import platform, reading
from shared.web.operation import page

blueprint = Blueprint("pages", __name__)

MEDIATIONS = "/mediation/mediations"
LEADS = "/referral/leads"
ORDERS = "/referral/orders"
HOMES = {
    "mediator": MEDIATIONS,
    "pmc_director": MEDIATIONS,
    "agency_handler": ORDERS,
    "agency_lead": ORDERS,
    "chief_prosecutor": LEADS,
    "proc_intake": LEADS,
    "prosecutor": LEADS,
    "referral_officer": LEADS,
    "ops": "/ops/flows",
}
"""Where a role's work is."""

HOME = "/intake/"
"""Where everybody else begins."""


@blueprint.get("/sign-in")
@page("session.open")
def sign_in() -> Response | str:
    """With a link: opens the session. Without: says how to get one."""
    link = request.args.get("link")
    if link is None:
        return render_template("directory/sign_in.html")
    here = platform()
    holder = verifier(here.keys, SIGN_IN, (ISSUER,), here.clock).verify(link)
    with reading() as session:
        actor = queries.signed_in(session, holder.id)
    response = redirect(_home(actor), 303)
    response.set_cookie(
        COOKIE,
        signer(here.keys, ISSUER, here.clock).sign(actor, audience=DOOR, lifetime=SESSION_LIFETIME),
        max_age=SESSION_LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
        path="/",
    )
    return response


@blueprint.post("/sign-out")
@page("session.close")
def sign_out() -> Response:
    response = redirect(f"{request.script_root}/sign-in", 303)
    response.delete_cookie(
        COOKIE, path="/", httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


def _home(actor: Actor) -> str:
    return next((home for role, home in HOMES.items() if role in actor.roles), HOME)
