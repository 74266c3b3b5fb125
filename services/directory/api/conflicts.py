"""Conflicts of interest over the API."""

from flask import Blueprint

from services.directory import handlers, queries
from services.directory.handlers import DeclareConflict
from services.directory.models import CONFLICT
from services.directory.schemas.changes import (
    ChangedSchema,
    ConflictsSchema,
    DeclareConflictSchema,
)
from shared.db import Transaction
from shared.web.answer import Answer
from shared.web.context import current_actor, reading, sealer
from shared.web.idempotency import once
from shared.web.operation import operation

blueprint = Blueprint("conflicts_api", __name__, url_prefix="/api/v1")

CREATED = 201
SHOWN = ("conflicts",)


@blueprint.get("/conflicts")
@operation("conflict.declare", answer=ConflictsSchema(), shows=SHOWN)
def conflicts() -> Answer:
    """One's own."""
    with reading() as session:
        found = queries.conflicts(session, current_actor().id, sealer(CONFLICT))
    return Answer({"items": found})


@blueprint.post("/conflicts")
@operation("conflict.declare", body=DeclareConflictSchema(), answer=ChangedSchema(), status=CREATED)
def declare_conflict(command: DeclareConflict) -> Answer:
    """Declares one of one's own."""

    def work(tx: Transaction) -> Answer:
        made = handlers.declare_conflict(tx, current_actor(), command, sealer(CONFLICT))
        return Answer({"id": made, "gaps": ()})

    return once(work)


@blueprint.post("/conflicts/<conflict_id>/end")
@operation("conflict.declare", answer=ChangedSchema())
def end_conflict(conflict_id: str) -> Answer:
    """It holds no longer than today."""

    def work(tx: Transaction) -> Answer:
        handlers.end_conflict(tx, current_actor(), conflict_id)
        return Answer({"id": conflict_id, "gaps": ()})

    return once(work)


@blueprint.get("/members/<member_id>/conflicts")
@operation("conflict.read", answer=ConflictsSchema(), shows=SHOWN)
def conflicts_of(member_id: str) -> Answer:
    """Those of a member whom the administrator reaches."""
    with reading() as session:
        queries.member_seen(session, current_actor(), member_id)
        found = queries.conflicts(session, member_id, sealer(CONFLICT))
    return Answer({"items": found})
