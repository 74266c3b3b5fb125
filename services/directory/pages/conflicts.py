"""The page on which everybody declares conflicts of interest of their own."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.directory import handlers, queries
from services.directory.models import CONFLICT
from services.directory.pages.forms import Form, filled, options, submitted
from services.directory.schemas.changes import DeclareConflictSchema
from shared.clock import day_in_china
from shared.db import Transaction
from shared.web.answer import Answer
from shared.web.context import current_actor, language, platform, reading, sealer
from shared.web.forms import nested
from shared.web.operation import page

blueprint = Blueprint("conflicts", __name__)

SHOWN = ("conflicts",)
DECLARING = DeclareConflictSchema()


@blueprint.get("/conflicts")
@page("conflict.declare", shows=SHOWN)
def conflicts() -> str:
    return _show(filled({"valid_from": day_in_china(platform().clock())}))


@blueprint.post("/conflicts")
@page("conflict.declare", shows=SHOWN)
def declare_conflict() -> ResponseReturnValue | Answer:
    def work(tx: Transaction) -> Answer:
        command = DECLARING.read(nested(request.form))
        handlers.declare_conflict(tx, current_actor(), command, sealer(CONFLICT))
        return Answer(None, location=url_for(".conflicts"))

    return submitted(work, _show)


@blueprint.post("/conflicts/<conflict_id>/end")
@page("conflict.declare", shows=SHOWN)
def end_conflict(conflict_id: str) -> ResponseReturnValue | Answer:
    def work(tx: Transaction) -> Answer:
        handlers.end_conflict(tx, current_actor(), conflict_id)
        return Answer(None, location=url_for(".conflicts"))

    return submitted(work, _show)


def _show(form: Form) -> str:
    with reading() as session:
        found = queries.conflicts(session, current_actor().id, sealer(CONFLICT))
        known = queries.names(session, language())
        organisations = [(one, known.of(one)) for one in queries.organisation_ids(session)]
    return render_template(
        "directory/conflicts.html",
        found=found,
        known=known,
        form=form,
        kinds=options("conflict_kind"),
        organisations=organisations,
        today=day_in_china(platform().clock()),
    )
