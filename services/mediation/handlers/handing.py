"""Giving to a successor what a member who leaves has here: cases, and places in joint rooms."""

from uuid import UUID

from sqlalchemy import select, update

from services.mediation.handlers.announcing import announce
from services.mediation.lifecycle import CASE, ROOM
from services.mediation.models import (
    APPOINTMENTS,
    RAISE_LOADS,
    RECUSALS,
    ROOMS,
    Mediation,
    workloads,
)
from shared.db import Transaction
from shared.events.directory import HandoverPublished
from shared.events.mediation import ProsecutorAssigned


def hand_over(tx: Transaction, event: HandoverPublished) -> None:
    """Other kinds are other services' affair. Nothing happens if the member has it no more, or the
    successor is recused from it: then it is still theirs, and is shown so where they leave.
    """
    if event.kind == CASE:
        _hand_over_case(tx, event)
    elif event.kind == ROOM:
        _hand_over_place(tx, event)


def _hand_over_case(tx: Transaction, event: HandoverPublished) -> None:
    case = tx.session.get(Mediation, event.item_id, with_for_update=True)
    if case is None or is_recused(tx, case, event.successor_id):
        return
    handed = case.hand_over(event.member_id, event.successor_id)
    if handed is None:
        return
    room = update(ROOMS).where(ROOMS.c.case_id == case.case_id, ROOMS.c.closed_at.is_(None))
    tx.execute(room.values(mediator_id=event.successor_id))
    free_of_one(tx, event.member_id)
    tx.execute(RAISE_LOADS[tx.dialect], {"member_id": event.successor_id, "open": 1})
    details = {"member": event.successor_id}
    announce(tx, handed, before=case.state, after=case.state, details=details)


def _hand_over_place(tx: Transaction, event: HandoverPublished) -> None:
    case = tx.session.get(Mediation, event.item_id, with_for_update=True)
    room = _open_room(tx, event.item_id, event.member_id)
    if case is None or room is None or is_recused(tx, case, event.successor_id):
        return
    mine = ROOMS.c.room_id == room
    tx.execute(update(ROOMS).where(mine).values(prosecutor_id=event.successor_id))
    to_come = update(APPOINTMENTS).where(case.appointments_to_come)
    tx.execute(to_come.values(comes=None))  # the successor has not answered
    handed = ProsecutorAssigned(
        case_id=case.case_id, room_id=room, prosecutor_id=event.successor_id
    )
    details = {"prosecutor": event.successor_id}
    announce(tx, handed, before=case.state, after=case.state, details=details)


def _open_room(tx: Transaction, case_id: UUID, prosecutor_id: str) -> UUID | None:
    found: UUID | None = tx.execute(
        select(ROOMS.c.room_id).where(
            ROOMS.c.case_id == case_id,
            ROOMS.c.prosecutor_id == prosecutor_id,
            ROOMS.c.closed_at.is_(None),
        )
    ).scalar()
    return found


def free_of_one(tx: Transaction, member_id: str) -> None:
    """The member has one open case less."""
    mine = workloads.c.member_id == member_id
    less = workloads.c.open - 1
    tx.execute(update(workloads).where(mine, workloads.c.open > 0).values(open=less))


def is_recused(tx: Transaction, mediation: Mediation, member_id: str) -> bool:
    of_case = (RECUSALS.c.case_id == mediation.case_id, RECUSALS.c.member_id == member_id)
    return tx.execute(select(RECUSALS.c.at).where(*of_case)).first() is not None
