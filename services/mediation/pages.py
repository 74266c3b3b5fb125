"""Mediation's pages: the queue, and a case with why it is here, who has it and what can be done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug import Response

from services.mediation import handlers, queries
from services.mediation.handlers import Seen
from services.mediation.lifecycle import TERMINAL, Outcome, State
from services.mediation.models import DOSSIER, NOTES
from services.mediation.policy import ACCEPT, CONCLUDE, POLICY, RECORD_SESSION, concluding, sight
from services.mediation.schemas import (
    AcceptSchema,
    ConcludeSchema,
    RecordSessionSchema,
    Wanted,
    WantedSchema,
    place_of,
)
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Rejected
from shared.web.answer import Answer
from shared.web.context import current_actor, platform, reading, sealer
from shared.web.forms import Errors, form_errors, nested
from shared.web.i18n import N_, language
from shared.web.idempotency import once
from shared.web.operation import expected_version, page
from shared.web.paging import cut
from shared.words import label

blueprint = Blueprint("pages", __name__)

ACCEPTING = AcceptSchema()
RECORDING = RecordSessionSchema()
CONCLUDING = ConcludeSchema()

TONES = {
    State.SAFETY_HOLD: "stopped",
    State.ACCEPTED: "going",
    State.IN_MEDIATION: "going",
    State.CLOSED: "done",
}

NEXT_STEPS: Mapping[str, str] = {
    "triage": N_("Ask the filer the open questions; the route waits for the answers."),
    "safety_hold": N_("Keep the parties apart. Nothing is mediated before the danger is over."),
    "safety_hold.police_immediate": N_(
        "Call the police on 110 now and keep the parties apart. Nothing is mediated meanwhile."
    ),
    "safety_hold.mandatory_report": N_(
        "Report it to the police, civil affairs and education at once. Harm to a child is never "
        "mediated."
    ),
    "safety_hold.safety_interview": N_(
        "Talk with the victim alone, and offer police, shelter and a protection order. The two "
        "sides never meet face to face."
    ),
    "not_accepted": N_("Tell the filer why it was not accepted and where to go instead."),
    "consent_pending": N_("Ask every party whether they agree to be mediated, then accept it."),
    "consent_pending.joint_room": N_(
        "Ask every party whether they agree to be mediated, with the prosecutor in the room, then "
        "accept it."
    ),
    "accepted": N_("Hold the first session and record it."),
    "in_mediation": N_("Hold the next session, or conclude the mediation."),
    "terminated": N_(
        "It is over. Tell the parties of arbitration, administrative remedies and the court."
    ),
    "closed": N_("It is over."),
}
"""By state, or by state and route where that makes a difference."""


@blueprint.get("/")
@page("mediation.read")
def start() -> Response:
    return redirect(url_for(".mediations"), 303)


@blueprint.get("/mediations")
@page("mediation.read", query=WantedSchema())
def mediations(wanted: Wanted) -> str:
    """In a state that is not over, those that wait longest come first."""
    actor = current_actor()
    filters = wanted.filters(actor, sight(actor))
    waiting = wanted.state is not None and wanted.state not in TERMINAL
    with reading() as session:
        rows = queries.mediations(session, replace(filters, longest_first=waiting))
        counts = queries.counts(session, filters)
    shown, following = cut(rows, wanted.limit, place_of)
    return render_template(
        "mediation/mediations.html",
        rows=shown,
        counts=counts,
        most=queries.COUNTED,
        wanted=wanted,
        tones=TONES,
        here=lambda **changes: _here(changes),
        next_url=_here({"cursor": following}) if following else None,
    )


@blueprint.get("/mediations/<uuid:case_id>")
@page("mediation.read")
def mediation(case_id: UUID) -> str:
    return _show(case_id)


@blueprint.post("/mediations/<uuid:case_id>/accept")
@page(ACCEPT)
def accept(case_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.accept(tx, seen, ACCEPTING.read(nested(request.form)))

    return _changed(case_id, "accept", change)


@blueprint.post("/mediations/<uuid:case_id>/record-session")
@page(RECORD_SESSION)
def record_session(case_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = RECORDING.read(nested(request.form))
        handlers.record_session(tx, seen, command, sealer(NOTES))

    return _changed(case_id, "record-session", change)


@blueprint.post("/mediations/<uuid:case_id>/conclude")
@page(CONCLUDE)
def conclude(case_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = CONCLUDING.read(nested(request.form))
        POLICY.check(current_actor(), concluding(command.outcome))
        handlers.conclude(tx, seen, command)

    return _changed(case_id, "conclude", change)


def _changed(
    case_id: UUID, form: str, change: Callable[[Transaction, Seen], None]
) -> Answer | tuple[str, int]:
    """Back to the case; a form that was refused is shown again as it was filled in."""
    seen = Seen(case_id=case_id, version=expected_version())

    def work(tx: Transaction) -> Answer:
        change(tx, seen)
        return Answer(None, location=url_for(".mediation", case_id=case_id))

    try:
        return once(work)
    except (ValidationError, Rejected) as error:
        return _show(case_id, form=form, errors=form_errors(error, request.form)), 422


def _show(case_id: UUID, *, form: str = "", errors: Errors | None = None) -> str:
    """``form`` is the one that was refused, with its ``errors``."""
    actor = current_actor()
    seeing = sight(actor)
    with reading() as session:
        found = queries.case(session, case_id, seeing, sealer(DOSSIER))
        why = queries.explained(session, case_id, seeing)
        timeline = queries.timeline(session, case_id, seeing, sealer(NOTES))
    case = found.mediation
    return render_template(
        "mediation/mediation.html",
        found=found,
        case=case,
        why=why,
        timeline=timeline,
        notes_shown=seeing.notes,
        actions=queries.open_actions(actor, case.state),
        next_step=NEXT_STEPS.get(f"{case.state}.{case.route}", NEXT_STEPS[case.state]),
        tones=TONES,
        outcome_pairs=_outcome_pairs,
        today=day_in_china(platform().clock()).isoformat(),
        form=form,
        errors=errors or {},
        values=request.form.to_dict() if form else {},
    )


def _outcome_pairs(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    return [(outcome, label("outcome", outcome, language())) for outcome in outcomes]


def _here(changes: Mapping[str, str | None]) -> str:
    """The queue with other filters; from its beginning unless a cursor is given."""
    kept = {name: value for name, value in request.args.items() if name != "cursor"}
    filters = {name: value for name, value in {**kept, **changes}.items() if value is not None}
    return url_for(".mediations") + (f"?{urlencode(filters)}" if filters else "")
