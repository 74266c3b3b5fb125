"""Where an administrator's day begins: what nobody can do, who is away, who has not come yet."""

from flask import Blueprint, render_template

from services.directory import queries
from services.directory.pages.forms import named
from services.directory.policy import POLICY
from shared.clock import day_in_china
from shared.web.context import current_actor, language, platform, reading
from shared.web.operation import page

blueprint = Blueprint("overview", __name__)


@blueprint.get("/")
@page("organisation.look")
def overview() -> str:
    now = platform().clock()
    with reading() as session:
        found = queries.day_of(session, current_actor(), day_in_china(now))
        known = queries.names(session, language())
    return render_template(
        "directory/overview.html",
        found=found,
        known=known,
        named=named,
        now=now,
        may=lambda action: POLICY.allows(current_actor(), action),
    )
