"""What a member has here that is not over, and how much others have."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.mediation.lifecycle import CASE, ROOM, TERMINAL, State
from services.mediation.models import RECUSALS, Mediation, Room, workloads
from shared.holdings import MOST_HELD, Held, Holdings, Loads

OPEN = tuple(str(state) for state in State if state not in TERMINAL)


def holdings(session: Session, member_id: str) -> Holdings:
    cases = (
        select(Mediation)
        .where(Mediation.mediator_id == member_id, Mediation.state.in_(OPEN))
        .order_by(Mediation.since)
        .limit(MOST_HELD)
    )
    rooms = (
        select(Mediation)
        .join(Room, Room.case_id == Mediation.case_id)
        .where(Room.prosecutor_id == member_id, Room.closed_at.is_(None))
        .order_by(Room.opened_at)
        .limit(MOST_HELD)
    )
    held = [(CASE, case) for case in session.scalars(cases)]
    held += [(ROOM, case) for case in session.scalars(rooms)]
    barred = _recused(session, [case.case_id for _, case in held])
    items = [_held(kind, case, barred[case.case_id]) for kind, case in held]
    return Holdings(items=items, loads=_loads(session))


def _recused(session: Session, cases: Collection[UUID]) -> Mapping[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = select(RECUSALS.c.case_id, RECUSALS.c.member_id).where(RECUSALS.c.case_id.in_(cases))
    for case_id, member_id in session.execute(rows):
        found[case_id].append(member_id)
    return found


def _held(kind: str, case: Mediation, barred: Sequence[str]) -> Held:
    return Held(
        kind=kind,
        item_id=case.case_id,
        number=case.number,
        state=case.state,
        area=case.area,
        barred=barred,
    )


def _loads(session: Session) -> Loads:
    open_cases = select(workloads.c.member_id, workloads.c.open).where(workloads.c.open > 0)
    open_rooms = (
        select(Room.prosecutor_id, func.count())
        .where(Room.closed_at.is_(None))
        .group_by(Room.prosecutor_id)
    )
    return {
        CASE: dict(session.execute(open_cases).all()),
        ROOM: dict(session.execute(open_rooms).all()),
    }
