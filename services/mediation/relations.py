"""What somebody is to a mediation, as conditions of a query; and the one way to get at a case."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import aliased

from services.mediation.lifecycle import State
from services.mediation.models import OPENINGS, REASONS, RECUSALS, Mediation, Room
from services.mediation.policy import BREAK_GLASS, OPEN, POLICY, READ, REVIEW, SHOWN
from shared.auth.actor import Viewer
from shared.auth.relations import Relation
from shared.db.openings import Openable, opened, opened_cases
from shared.db.scope import Conditions, Found, Wish, in_any, is_theirs, look_up, scope, undenied

_ROOM = aliased(Room)


def conditions(viewer: Viewer) -> Conditions:
    actor = viewer.actor
    organisation = actor.organisation_id
    theirs = is_theirs(Mediation.committee_id, organisation)
    return {
        Relation.HOLDER: Mediation.mediator_id == actor.id,
        Relation.OFFERED: and_(theirs, *offered()),
        Relation.COMMITTEE: theirs,
        Relation.AREA: in_any(Mediation.area, actor.areas),
        Relation.ROOM: _in_room(actor.id, _ROOM.closed_at.is_(None)),
        Relation.ROOM_ENDED: _in_room(actor.id, _ROOM.closed_at.is_not(None)),
        Relation.OPENED: opened(OPENINGS, Mediation.case_id, viewer),
        Relation.RECUSED: exists().where(
            RECUSALS.c.case_id == Mediation.case_id, RECUSALS.c.member_id == actor.id
        ),
    }


def offered() -> Sequence[ColumnElement[bool]]:
    return Mediation.mediator_id.is_(None), Mediation.state == str(State.CONSENT_PENDING)


def rooms_of(viewer: Viewer) -> Select[Any]:
    """The cases of which the actor is the prosecutor in an open room: few, however many there are
    in all.
    """
    mine = _ROOM.prosecutor_id == viewer.actor.id
    return select(_ROOM.case_id).where(mine, _ROOM.closed_at.is_(None))


def opened_by(viewer: Viewer) -> Select[Any]:
    return opened_cases(OPENINGS, viewer)


def undenied_cases(viewer: Viewer) -> Sequence[ColumnElement[bool]]:
    """Not those from which the actor is kept."""
    return list(undenied(conditions(viewer)))


def within_scope(viewer: Viewer, action: str) -> ColumnElement[bool]:
    return scope(conditions(viewer), POLICY.relations(viewer.actor, action))


def load(
    session: OrmSession, viewer: Viewer, action: str, case_id: UUID, *, lock: bool = False
) -> Found[Mediation]:
    """``lock``: as in ``look_up``.

    Raises NotFound, also for one that the actor may not know of; Forbidden for one that they may
    know of, but not do this with.
    """
    query = select(Mediation).where(Mediation.case_id == case_id)
    wish = Wish(policy=POLICY, viewer=viewer, action=action, read=READ)
    return look_up(session, query, conditions(viewer), wish, lock=lock)


OPENABLE = Openable(
    table=OPENINGS,
    case=Mediation.case_id,
    purpose=REASONS,
    load=load,
    within=within_scope,
    open_action=OPEN,
    glass_action=BREAK_GLASS,
    review_action=REVIEW,
)


def shown(found: Found[Mediation]) -> frozenset[str]:
    """What is told of people."""
    return SHOWN[found.decision.mask]


def _in_room(member_id: str, when: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        _ROOM.case_id == Mediation.case_id, _ROOM.prosecutor_id == member_id, when
    )
