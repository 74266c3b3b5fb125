"""What people do with a mediation: accept it, record a session, conclude it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import update

from services.mediation.handlers.announcing import announce
from services.mediation.lifecycle import Outcome
from services.mediation.models import (
    RAISE_LOADS,
    ROOMS,
    Mediation,
    Session,
    notes_place,
    workloads,
)
from shared.auth.sealing import Sealer
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import NotFound, Rejected


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A case, and the version of it that the actor has seen."""

    case_id: UUID
    version: int


@dataclass(frozen=True, kw_only=True)
class Accept:
    """``parties_consented``: the actor attests that every party agrees to be mediated."""

    parties_consented: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordSession:
    """``joint``: the sides sat together; otherwise the mediator spoke with them one by one."""

    held_on: date
    parties_present: int
    joint: bool = False
    notes: str = ""


@dataclass(frozen=True, kw_only=True)
class Conclude:
    outcome: Outcome


def accept(tx: Transaction, seen: Seen, command: Accept) -> None:
    """受理. A case that found no mediator when it was routed belongs to whoever accepts it."""
    mediation = _locked(tx, seen)
    before = mediation.state
    accepted = mediation.accept(tx.actor, consented=command.parties_consented, at=tx.now)
    if appointed := mediation.take_up(tx.actor):
        tx.execute(RAISE_LOADS[tx.dialect], {"member_id": tx.actor, "open": 1})
        told = {"member": tx.actor}
        announce(tx, appointed, before=before, after=before, details=told)
    announce(tx, accepted, before=before, after=mediation.state, details={})


def record_session(tx: Transaction, seen: Seen, command: RecordSession, sealer: Sealer) -> None:
    """``sealer`` is the one for notes."""
    mediation = _locked(tx, seen)
    before = mediation.state
    recorded = mediation.record_session(
        held_on=command.held_on,
        parties_present=command.parties_present,
        joint=command.joint,
        at=tx.now,
    )
    _check_day(command.held_on, since=day_in_china(mediation.filed_at), today=day_in_china(tx.now))
    no = recorded.session_no
    tx.add(
        Session(
            case_id=seen.case_id,
            session_no=no,
            held_on=command.held_on,
            parties_present=command.parties_present,
            joint=command.joint,
            notes=sealer.seal(command.notes.encode(), about=notes_place(seen.case_id, no)),
            recorded_at=tx.now,
            recorded_by=tx.actor,
        )
    )
    announce(tx, recorded, before=before, after=mediation.state, details={"session_no": no})


def conclude(tx: Transaction, seen: Seen, command: Conclude) -> None:
    """End it; the mediator is free of it, and its room is closed."""
    mediation = _locked(tx, seen)
    before = mediation.state
    concluded = mediation.conclude(command.outcome, at=tx.now)
    told = {"outcome": command.outcome}
    announce(tx, concluded, before=before, after=mediation.state, details=told)
    closed = update(ROOMS).where(ROOMS.c.case_id == seen.case_id).values(closed_at=tx.now)
    tx.execute(closed)
    if mediation.mediator_id is not None:
        mine = workloads.c.member_id == mediation.mediator_id
        less = workloads.c.open - 1
        tx.execute(update(workloads).where(mine, workloads.c.open > 0).values(open=less))


def _locked(tx: Transaction, seen: Seen) -> Mediation:
    """The case, until the end of the transaction nobody else's to change.

    Raises NotFound, or VersionMoved when it is not what the actor saw.
    """
    found = tx.session.get(Mediation, seen.case_id, with_for_update=True)
    if found is None:
        raise NotFound("There is no such record.")
    found.check_version(seen.version)
    return found


def _check_day(held_on: date, *, since: date, today: date) -> None:
    error = None
    if held_on > today:
        error = Rejected("A session that is still to come cannot be recorded.")
    elif held_on < since:
        error = Rejected("A session cannot have been held before the dispute was filed.")
    if error:
        error.fields["held_on"] = error.text
        raise error
