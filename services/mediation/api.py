"""Mediation's JSON API: what is being mediated, why it went there, and what is done with it."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint

from services.mediation import handlers, queries
from services.mediation.handlers import Accept, Conclude, RecordSession, Seen
from services.mediation.models import DOSSIER, NOTES
from services.mediation.policy import (
    ACCEPT,
    CONCLUDE,
    POLICY,
    RECORD_SESSION,
    concluding,
    sight,
)
from services.mediation.schemas import (
    AcceptSchema,
    CaseSchema,
    ConcludeSchema,
    ListedSchema,
    MediationsSchema,
    RecordSessionSchema,
    RoomsSchema,
    RoutingSchema,
    TimelineSchema,
    Wanted,
    WantedSchema,
    place_of,
)
from shared.db import Transaction
from shared.web.answer import Answer
from shared.web.context import current_actor, platform, reading, sealer
from shared.web.idempotency import once
from shared.web.operation import expected_version, operation
from shared.web.paging import cut

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/mediations")
@operation("mediation.read", query=WantedSchema(), answer=MediationsSchema())
def mediations(wanted: Wanted) -> Answer:
    """The newest first; ``mediator=me`` are one's own."""
    actor = current_actor()
    with reading() as session:
        rows = queries.mediations(session, wanted.filters(actor, sight(actor)))
    shown, following = cut(rows, wanted.limit, place_of)
    return Answer({"items": shown}, next_cursor=following)


@blueprint.get("/mediations/<uuid:case_id>")
@operation("mediation.read", answer=CaseSchema())
def mediation(case_id: UUID) -> Answer:
    """With the parties as far as the actor may see them, and what can be done by whom."""
    actor = current_actor()
    with reading() as session:
        found = queries.case(session, case_id, sight(actor), sealer(DOSSIER))
    actions = queries.open_actions(actor, found.mediation.state)
    return Answer({**vars(found), "actions": actions}, etag=found.mediation.version)


@blueprint.get("/mediations/<uuid:case_id>/routing")
@operation("mediation.read", answer=RoutingSchema())
def routing(case_id: UUID) -> Answer:
    """Why it went where it went, in data and in words."""
    with reading() as session:
        return Answer(queries.explained(session, case_id, sight(current_actor())))


@blueprint.get("/mediations/<uuid:case_id>/timeline")
@operation("mediation.read", answer=TimelineSchema())
def timeline(case_id: UUID) -> Answer:
    """What happened to it here, the newest first."""
    with reading() as session:
        found = queries.timeline(session, case_id, sight(current_actor()), sealer(NOTES))
    return Answer({"items": found})


@blueprint.get("/rooms")
@operation("room.read", answer=RoomsSchema())
def rooms() -> Answer:
    """Who is on duty today, and the rooms that are open."""
    with reading() as session:
        return Answer(queries.rooms(session, now=platform().clock()))


@blueprint.post("/mediations/<uuid:case_id>/accept")
@operation(ACCEPT, body=AcceptSchema(), answer=ListedSchema(), conditional=True)
def accept(command: Accept, case_id: UUID) -> Answer:
    """All parties have consented: the mediation begins."""
    return _changed(case_id, lambda tx, seen: handlers.accept(tx, seen, command))


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


def _changed(case_id: UUID, change: Callable[[Transaction, Seen], None]) -> Answer:
    seen = Seen(case_id=case_id, version=expected_version())

    def work(tx: Transaction) -> Answer:
        change(tx, seen)
        row = queries.listed(tx.session, case_id, sight(current_actor()))
        return Answer(row, etag=row.mediation.version)

    return once(work)
