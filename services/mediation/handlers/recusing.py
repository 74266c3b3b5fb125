"""回避: somebody is to have nothing to do with a case."""

from dataclasses import dataclass

from sqlalchemy import select, update

from services.mediation.handlers.announcing import announce
from services.mediation.handlers.handing import free_of_one, is_recused
from services.mediation.handlers.steps import Seen, taken
from services.mediation.models import APPOINTMENTS, RAISE_LOADS, RECUSALS, ROOMS, Mediation
from services.mediation.policy import RECUSE
from shared.db import Transaction
from shared.errors import Rejected
from shared.messaging.replica import directory


@dataclass(frozen=True, kw_only=True)
class Recuse:
    """Who mediates the case needs a ``successor``, of the same committee."""

    member_id: str
    successor: str | None = None


def recuse(tx: Transaction, seen: Seen, command: Recuse) -> None:
    """The director decides. Raises Rejected for themselves, and for a mediator without a successor
    who could be one.
    """
    mediation = taken(tx, seen, RECUSE)
    if command.member_id == tx.actor:
        raise Rejected("Somebody else decides whether you may deal with it.").at("member_id")
    if command.member_id == mediation.mediator_id:
        _hand_over(tx, mediation, command)
    if not is_recused(tx, mediation, command.member_id):
        row = {"case_id": seen.case_id, "member_id": command.member_id}
        tx.insert(RECUSALS, row | {"at": tx.now, "by": tx.actor})
        _stay_away(tx, mediation, command.member_id)


def _stay_away(tx: Transaction, mediation: Mediation, member_id: str) -> None:
    """A prosecutor who is kept from the case does not come to its sessions."""
    room = select(ROOMS.c.case_id).where(ROOMS.c.prosecutor_id == member_id)
    to_come = mediation.appointments_to_come, APPOINTMENTS.c.case_id.in_(room)
    tx.execute(update(APPOINTMENTS).where(*to_come).values(comes=False))


def _hand_over(tx: Transaction, mediation: Mediation, command: Recuse) -> None:
    committee, successor = mediation.committee_id or "", command.successor
    staff = directory(tx).roster.staff(committee, "mediator", mediation.area)
    others = {member.id for member in staff} - {command.member_id}
    if successor is None or successor not in others or is_recused(tx, mediation, successor):
        raise Rejected("Choose another mediator of the committee.").at("successor")
    appointed = mediation.hand_over(command.member_id, successor)
    if appointed is None:
        raise Rejected("It is over: nobody has to take it on any more.").at("member_id")
    state = mediation.state
    announce(tx, appointed, before=state, after=state, details={"member": successor})
    theirs = update(ROOMS).where(ROOMS.c.case_id == mediation.case_id)
    tx.execute(theirs.values(mediator_id=successor))
    free_of_one(tx, command.member_id)
    tx.execute(RAISE_LOADS[tx.dialect], {"member_id": successor, "open": 1})
