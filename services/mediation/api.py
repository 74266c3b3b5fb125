"""Mediation's JSON API: what is being mediated, why it went there, and what is done with it."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint

from services.mediation import handlers, queries
from services.mediation.handlers import (
    Accept,
    AnswerSession,
    Conclude,
    RecordSession,
    Recuse,
    ScheduleSession,
    Seen,
)
from services.mediation.models import DOSSIER, NOTES
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
    RECUSE,
    REVIEW,
    ROOMS,
    SCHEDULE_SESSION,
    concluding,
)
from services.mediation.relations import OPENABLE
from services.mediation.schemas import (
    AcceptSchema,
    AnswerSessionSchema,
    CaseSchema,
    ConcludeSchema,
    ListedSchema,
    MediationsSchema,
    RecordSessionSchema,
    RecuseSchema,
    RoomsSchema,
    RoutingSchema,
    ScheduleSessionSchema,
    TimelineSchema,
    Wanted,
    WantedSchema,
    WeekSchema,
    WeekWanted,
    WeekWantedSchema,
    place_of,
)
from shared.auth.actor import Viewer
from shared.clock import day_in_china
from shared.db import Transaction
from shared.db.openings import Judge, Open
from shared.web import access
from shared.web.answer import Answer
from shared.web.auditing import shown
from shared.web.context import current_actor, reading, sealer, viewer
from shared.web.idempotency import once
from shared.web.openings import (
    JudgeSchema,
    OpenedSchema,
    OpeningsSchema,
    OpenSchema,
    glass_answer,
    opened_answer,
    openings_answer,
    reviewed_answer,
)
from shared.web.operation import expected_version, operation
from shared.web.paging import cut

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/mediations")
@operation(READ, query=WantedSchema(), answer=MediationsSchema())
def mediations(wanted: Wanted) -> Answer:
    """The newest first; ``mediator=me`` are one's own."""
    who = viewer()
    with reading() as session:
        rows = queries.mediations(session, who, wanted.filters(who.actor))
    listed, following = cut(rows, wanted.limit, place_of)
    return Answer({"items": listed}, next_cursor=following)


@blueprint.get("/mediations/<uuid:case_id>")
@operation(READ, answer=CaseSchema(), shows=("parties", "narrative"))
def mediation(case_id: UUID) -> Answer:
    """With the parties as far as the actor may see them, and what can be done by whom."""
    who = viewer()
    with reading() as session:
        found = queries.case(session, who, case_id, sealer(DOSSIER))
        following = queries.next_of(session, who, found)
    shown(*found.particulars(), masked=found.masked)
    actions = queries.open_actions(who.actor, found.found)
    told = {**vars(found), "actions": actions, "next_session": following}
    return Answer(told, etag=found.mediation.version)


@blueprint.get("/mediations/<uuid:case_id>/routing")
@operation(READ, answer=RoutingSchema())
def routing(case_id: UUID) -> Answer:
    """Why it went where it went, in data and in words."""
    with reading() as session:
        return Answer(queries.explained(session, viewer(), case_id))


@blueprint.get("/mediations/<uuid:case_id>/timeline")
@operation(READ, answer=TimelineSchema(), shows=("notes",))
def timeline(case_id: UUID) -> Answer:
    """What happened to it here, the newest first."""
    with reading() as session:
        found = queries.timeline(session, viewer(), case_id, sealer(NOTES))
    return Answer({"items": found})


@blueprint.get("/mediations/<uuid:case_id>/audit")
@operation(AUDIT, query=access.WANTED, answer=access.ActsSchema(), shows=access.SHOWS)
def audit(wanted: access.ActsWanted, case_id: UUID) -> Answer:
    """Who saw or changed it here, the newest first."""
    with reading() as session:
        queries.check_audit(session, viewer(), case_id)
    return access.seen_answer([str(case_id)], wanted)


@blueprint.get("/rooms")
@operation(ROOMS, answer=RoomsSchema())
def rooms() -> Answer:
    """Who is on duty today, and the rooms that are open."""
    with reading() as session:
        return Answer(queries.rooms(session, viewer()))


@blueprint.get("/rooms/week")
@operation(ROOMS, query=WeekWantedSchema(), answer=WeekSchema())
def week(wanted: WeekWanted) -> Answer:
    """The sessions of a week, joint or not, and the prosecutors who are on duty on each day."""
    who = viewer()
    with reading() as session:
        return Answer(queries.week(session, who, wanted.monday(day_in_china(who.now))))


@blueprint.post("/mediations/<uuid:case_id>/accept")
@operation(ACCEPT, body=AcceptSchema(), answer=ListedSchema(), conditional=True)
def accept(command: Accept, case_id: UUID) -> Answer:
    """All parties have consented: the mediation begins."""
    return _changed(case_id, lambda tx, seen: handlers.accept(tx, seen, command))


@blueprint.post("/mediations/<uuid:case_id>/schedule-session")
@operation(SCHEDULE_SESSION, body=ScheduleSessionSchema(), answer=ListedSchema(), conditional=True)
def schedule_session(command: ScheduleSession, case_id: UUID) -> Answer:
    """Give the next session a time, or another one."""
    return _changed(case_id, lambda tx, seen: handlers.schedule_session(tx, seen, command))


@blueprint.post("/mediations/<uuid:case_id>/answer-session")
@operation(ANSWER_SESSION, body=AnswerSessionSchema(), answer=ListedSchema(), conditional=True)
def answer_session(command: AnswerSession, case_id: UUID) -> Answer:
    """The prosecutor of the room says whether they come to the next session."""
    return _changed(case_id, lambda tx, seen: handlers.answer_session(tx, seen, command))


@blueprint.post("/mediations/<uuid:case_id>/record-session")
@operation(RECORD_SESSION, body=RecordSessionSchema(), answer=ListedSchema(), conditional=True)
def record_session(command: RecordSession, case_id: UUID) -> Answer:
    """A session was held."""
    notes = sealer(NOTES)
    return _changed(case_id, lambda tx, seen: handlers.record_session(tx, seen, command, notes))


@blueprint.post("/mediations/<uuid:case_id>/conclude")
@operation(CONCLUDE, body=ConcludeSchema(), answer=ListedSchema(), conditional=True)
def conclude(command: Conclude, case_id: UUID) -> Answer:
    """The mediation is over, with this outcome."""
    POLICY.check(current_actor(), concluding(command.outcome))
    return _changed(case_id, lambda tx, seen: handlers.conclude(tx, seen, command))


@blueprint.post("/mediations/<uuid:case_id>/recuse")
@operation(RECUSE, body=RecuseSchema(), answer=ListedSchema(), conditional=True)
def recuse(command: Recuse, case_id: UUID) -> Answer:
    """Somebody is to have nothing to do with it (回避)."""
    return _changed(case_id, lambda tx, seen: handlers.recuse(tx, seen, command))


@blueprint.post("/mediations/<uuid:case_id>/open")
@operation(OPEN, body=OpenSchema(), answer=OpenedSchema(), status=201)
def open_case(command: Open, case_id: UUID) -> Answer:
    """Say why; all of the case is seen for half an hour."""
    return opened_answer(OPENABLE, case_id, command)


@blueprint.post("/mediations/<uuid:case_id>/break-glass")
@operation(BREAK_GLASS, body=OpenSchema(), answer=OpenedSchema(), status=201)
def break_glass(command: Open, case_id: UUID) -> Answer:
    """See a case of one's area that is somebody else's, for half an hour; it is looked at."""
    return glass_answer(OPENABLE, case_id, command)


@blueprint.get("/openings")
@operation(REVIEW, answer=OpeningsSchema(), shows=("reasons",))
def openings() -> Answer:
    """Cases that somebody has opened who does not have them, and that wait to be looked at."""
    return openings_answer(OPENABLE)


@blueprint.post("/mediations/<uuid:case_id>/openings/<uuid:opening_id>/review")
@operation(REVIEW, body=JudgeSchema(), status=204)
def review_opening(command: Judge, case_id: UUID, opening_id: UUID) -> Answer:
    """Say whether the reason was good."""
    return reviewed_answer(OPENABLE, case_id, opening_id, command)


def _changed(case_id: UUID, change: Callable[[Transaction, Seen], None]) -> Answer:
    seen = Seen(case_id=case_id, version=expected_version(), by=current_actor())

    def work(tx: Transaction) -> Answer:
        change(tx, seen)
        row = queries.listed(tx.session, Viewer(actor=seen.by, now=tx.now), case_id)
        return Answer(row, etag=row.mediation.version)

    return once(work)
