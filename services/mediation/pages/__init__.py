"""Mediation's pages: the day, the queue, and a case with why it is here and what can be done."""

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
from services.mediation.pages.timetable import timetable
from services.mediation.policy import (
    ACCEPT,
    ANSWER_SESSION,
    AUDIT,
    BREAK_GLASS,
    CONCLUDE,
    OPEN,
    POLICY,
    READ,
    RECORD_SESSION,
    REVIEW,
    ROOMS,
    SCHEDULE_SESSION,
    concluding,
)
from services.mediation.relations import OPENABLE
from services.mediation.routing import Route
from services.mediation.schemas import (
    AcceptSchema,
    AnswerSessionSchema,
    ConcludeSchema,
    RecordSessionSchema,
    ScheduleSessionSchema,
    Wanted,
    WantedSchema,
    WeekWanted,
    WeekWantedSchema,
    place_of,
)
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Rejected
from shared.messaging.replica import directory
from shared.web import access
from shared.web.answer import Answer
from shared.web.auditing import shown
from shared.web.context import current_actor, reading, sealer, viewer
from shared.web.counts import open_count
from shared.web.finding import FIND, Find
from shared.web.forms import Errors, form_errors, nested
from shared.web.i18n import N_, language
from shared.web.idempotency import once
from shared.web.openings import OpeningPages, reasons
from shared.web.operation import expected_version, page
from shared.web.paging import cut
from shared.words import codes, label

blueprint = Blueprint("pages", __name__)

ACCEPTING = AcceptSchema()
SCHEDULING = ScheduleSessionSchema()
ANSWERING = AnswerSessionSchema()
RECORDING = RecordSessionSchema()
CONCLUDING = ConcludeSchema()
PLACES = codes("session_place")
OPENING_PAGES = OpeningPages(openable=OPENABLE, case=".mediation", argument="case_id")

PARTICULARS = ("parties", "narrative", "notes")
"""What a case shows, also around a form that was refused."""

PROGRESS: Mapping[str, int] = {
    State.TRIAGE: 1,
    State.SAFETY_HOLD: 1,
    State.CONSENT_PENDING: 2,
    State.ACCEPTED: 3,
    State.IN_MEDIATION: 4,
    State.TERMINATED: 5,
    State.CLOSED: 5,
}
"""How far a case is on its way, of the steps that its page shows; one not accepted is on none."""

TASKS: Mapping[str, tuple[str, str]] = {
    State.SAFETY_HOLD: (N_("Keep the parties apart"), N_("See what to do")),
    State.TRIAGE: (N_("Ask the filer the open questions"), N_("See the questions")),
    State.CONSENT_PENDING: (N_("Ask every party whether they agree"), N_("Accept the case")),
    State.ACCEPTED: (N_("Agree on a time for the first session"), N_("Arrange it")),
    State.IN_MEDIATION: (N_("Arrange the next session, or conclude"), N_("Arrange it")),
}
"""What there is to do in a state, and the button that leads there."""

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
ARRANGE = N_("Agree with the parties on a time for the session, and arrange it.")


@blueprint.get("/")
@page(READ)
def home() -> str:
    """The day of who is signed in: what waits for them, and how much there is."""
    who = viewer()
    with reading() as session:
        found = queries.home(session, who)
        coming = queries.coming(session, who)
        to_review = OPENABLE.waiting(session, who) if POLICY.allows(who.actor, REVIEW) else 0
    return render_template(
        "mediation/home.html",
        found=found,
        coming=coming,
        now=who.now,
        to_review=to_review,
        most=queries.COUNTED,
        tasks=TASKS,
    )


@blueprint.get("/find")
@page(READ, query=FIND)
def find(wanted: Find) -> Response | str:
    """A case by its exact number, where the reader may know of it."""
    if wanted.elsewhere:
        return redirect(wanted.elsewhere, 303)
    with reading() as session:
        case_id = queries.numbered(session, viewer(), wanted.number)
    if case_id is None:
        return render_template("finding/nothing.html", wanted=wanted, url=url_for(".mediations"))
    return redirect(url_for(".mediation", case_id=case_id), 303)


@blueprint.get("/audit")
@page(AUDIT, query=access.AUDIT_WANTED, shows=access.SHOWS)
def audit(wanted: access.AuditWanted) -> str | tuple[str, int]:
    """Who saw or changed a case, for who may know."""
    return access.audit_page(wanted, queries.audited)


@blueprint.get("/mediations")
@page(READ, query=WantedSchema())
def mediations(wanted: Wanted) -> str:
    """In a state that is not over, those that wait longest come first."""
    who = viewer()
    filters = wanted.filters(who.actor)
    waiting = wanted.state is not None and wanted.state not in TERMINAL
    with reading() as session:
        rows = queries.mediations(session, who, replace(filters, longest_first=waiting))
        counts = queries.counts(session, who, filters)
        to_review = OPENABLE.waiting(session, who)
        area = wanted.area and directory(session).area_name(wanted.area, language())
        listed, following = cut(rows, wanted.limit, place_of)
        times = queries.times_of(session, [row.mediation.case_id for row in listed])
    return render_template(
        "mediation/mediations.html",
        rows=listed,
        times=times,
        now=who.now,
        counts=counts,
        to_review=to_review,
        most=queries.COUNTED,
        wanted=wanted,
        area=area,
        routes=[(route, label("route", route, language())) for route in Route],
        longest_first=waiting,
        tones=TONES,
        here=lambda **changes: _here(changes),
        next_url=_here({"cursor": following}) if following else None,
    )


@blueprint.get("/mediations/count")
@page(READ)
def count() -> str:
    """How many cases are open, for the navigation."""
    with reading() as session:
        found = queries.open_cases(session, viewer())
    return open_count(found.values(), queries.COUNTED)


@blueprint.get("/rooms")
@page(ROOMS, query=WeekWantedSchema())
def rooms(wanted: WeekWanted) -> str:
    """The sessions of a week."""
    who = viewer()
    monday = wanted.monday(day_in_china(who.now))
    with reading() as session:
        week = queries.week(session, who, monday)
        waiting = queries.without_time(session, who)
    return render_template(
        "mediation/rooms.html",
        days=week.days,
        more=week.more,
        most=queries.MOST,
        rows=timetable([day.booked for day in week.days]),
        waiting=waiting,
        today=day_in_china(who.now),
        before=monday - queries.WEEK,
        after=monday + queries.WEEK,
        may_read=POLICY.allows(who.actor, READ),
    )


@blueprint.get("/mediations/<uuid:case_id>")
@page(READ, shows=PARTICULARS)
def mediation(case_id: UUID) -> str:
    return _show(case_id)


@blueprint.post("/mediations/<uuid:case_id>/accept")
@page(ACCEPT, shows=PARTICULARS)
def accept(case_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.accept(tx, seen, ACCEPTING.read(nested(request.form)))

    return _changed(case_id, "accept", change)


@blueprint.post("/mediations/<uuid:case_id>/schedule-session")
@page(SCHEDULE_SESSION, shows=PARTICULARS)
def schedule_session(case_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.schedule_session(tx, seen, SCHEDULING.read(nested(request.form)))

    return _changed(case_id, "schedule-session", change)


@blueprint.post("/mediations/<uuid:case_id>/answer-session")
@page(ANSWER_SESSION, shows=PARTICULARS)
def answer_session(case_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        handlers.answer_session(tx, seen, ANSWERING.read(nested(request.form)))

    return _changed(case_id, "answer-session", change)


@blueprint.post("/mediations/<uuid:case_id>/record-session")
@page(RECORD_SESSION, shows=PARTICULARS)
def record_session(case_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = RECORDING.read(nested(request.form))
        handlers.record_session(tx, seen, command, sealer(NOTES))

    return _changed(case_id, "record-session", change)


@blueprint.post("/mediations/<uuid:case_id>/conclude")
@page(CONCLUDE, shows=PARTICULARS)
def conclude(case_id: UUID) -> Answer | tuple[str, int]:
    def change(tx: Transaction, seen: Seen) -> None:
        command = CONCLUDING.read(nested(request.form))
        POLICY.check(current_actor(), concluding(command.outcome))
        handlers.conclude(tx, seen, command)

    return _changed(case_id, "conclude", change)


@blueprint.post("/mediations/<uuid:case_id>/open")
@page(OPEN, shows=PARTICULARS)
def open_case(case_id: UUID) -> Answer | tuple[str, int]:
    return OPENING_PAGES.open_case(
        case_id, lambda errors: _show(case_id, form="open", errors=errors)
    )


@blueprint.get("/mediations/<uuid:case_id>/break-glass")
@page(BREAK_GLASS)
def glass(case_id: UUID) -> str:
    """Of the case itself this tells no more than that there is one."""
    return OPENING_PAGES.glass(case_id)


@blueprint.post("/mediations/<uuid:case_id>/break-glass")
@page(BREAK_GLASS)
def break_glass(case_id: UUID) -> Answer | tuple[str, int]:
    return OPENING_PAGES.break_glass(case_id)


@blueprint.get("/openings")
@page(REVIEW, shows=("reasons",))
def openings() -> str:
    return OPENING_PAGES.openings()


@blueprint.post("/mediations/<uuid:case_id>/openings/<uuid:opening_id>/review")
@page(REVIEW, shows=("reasons",))
def review_opening(case_id: UUID, opening_id: UUID) -> Answer | tuple[str, int]:
    return OPENING_PAGES.review(case_id, opening_id)


def _changed(
    case_id: UUID, form: str, change: Callable[[Transaction, Seen], None]
) -> Answer | tuple[str, int]:
    """Back to the case; a form that was refused is shown again as it was filled in."""
    seen = Seen(case_id=case_id, version=expected_version(), by=current_actor())

    def work(tx: Transaction) -> Answer:
        change(tx, seen)
        return Answer(None, location=url_for(".mediation", case_id=case_id))

    try:
        return once(work)
    except (ValidationError, Rejected) as error:
        return _show(case_id, form=form, errors=form_errors(error, request.form)), 422


def _show(case_id: UUID, *, form: str = "", errors: Errors | None = None) -> str:
    """``form`` is the one that was refused, with its ``errors``."""
    who = viewer()
    with reading() as session:
        found = queries.case(session, who, case_id, sealer(DOSSIER))
        why = queries.explained(session, who, case_id)
        timeline = queries.timeline(session, who, case_id, sealer(NOTES))
        looking = access.looking_now(session, str(case_id), who)
        following = queries.next_of(session, who, found)
    shown(*found.particulars(notes=True), masked=found.masked)
    case = found.mediation
    actions = _in_turn(queries.open_actions(who.actor, found.found), following)
    step = NEXT_STEPS.get(f"{case.state}.{case.route}", NEXT_STEPS[case.state])
    return render_template(
        "mediation/mediation.html",
        found=found,
        case=case,
        why=why,
        timeline=timeline,
        looking=looking,
        following=following,
        may_answer=POLICY.decide(who.actor, ANSWER_SESSION, found.found.relations).allow,
        places=[(code, label("session_place", code, language())) for code in PLACES],
        progress=PROGRESS.get(case.state),
        now=who.now,
        seen=_seen_by(case_id) if found.audited else None,
        actions=actions,
        next_step=ARRANGE if actions and actions[0].action == "schedule-session" else step,
        tones=TONES,
        outcome_pairs=_outcome_pairs,
        reasons=reasons(),
        today=day_in_china(who.now).isoformat(),
        form=form,
        errors=errors or {},
        values=request.form.to_dict() if form else {},
    )


def _in_turn(
    actions: Sequence[queries.OpenAction], following: queries.Booked | None
) -> Sequence[queries.OpenAction]:
    """A session is recorded when it was held: before that it needs a time."""
    late = {"record-session"} if following is None else {"schedule-session"}
    return sorted(actions, key=lambda one: (one.action == "conclude", one.action in late))


def _seen_by(case_id: UUID) -> Sequence[access.Seen]:
    return access.seen_by([str(case_id)], access.ActsWanted(limit=access.ON_A_PAGE))[0]


def _outcome_pairs(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    return [(outcome, label("outcome", outcome, language())) for outcome in outcomes]


def _here(changes: Mapping[str, str | None]) -> str:
    """The queue with other filters; from its beginning unless a cursor is given."""
    kept = {name: value for name, value in request.args.items() if name != "cursor"}
    filters = {name: value for name, value in {**kept, **changes}.items() if value is not None}
    return url_for(".mediations") + (f"?{urlencode(filters)}" if filters else "")
