"""What people do with a mediation: accept it, record a session, conclude it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import update

from services.mediation.handlers.announcing import announce
from services.mediation.handlers.handing import free_of_one
from services.mediation.lifecycle import Outcome
from services.mediation.models import (
    APPOINTMENTS,
    RAISE_LOADS,
    ROOMS,
    Mediation,
    Session,
    notes_place,
)
from services.mediation.policy import ACCEPT, RECORD_SESSION, concluding
from services.mediation.relations import load
from shared.auth.actor import Actor, Viewer
from shared.auth.sealing import Sealer
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Rejected


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A case in the version that ``by`` saw when deciding what to do."""

    case_id: UUID
    version: int
    by: Actor


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
    mediation = taken(tx, seen, ACCEPT)
    before = mediation.state
    accepted = mediation.accept(tx.actor, consented=command.parties_consented, at=tx.now)
    if appointed := mediation.take_up(tx.actor):
        tx.execute(RAISE_LOADS[tx.dialect], {"member_id": tx.actor, "open": 1})
        told = {"member": tx.actor}
        announce(tx, appointed, before=before, after=before, details=told)
    announce(tx, accepted, before=before, after=mediation.state, details={})


def record_session(tx: Transaction, seen: Seen, command: RecordSession, sealer: Sealer) -> None:
    """``sealer`` is the one for notes."""
    mediation = taken(tx, seen, RECORD_SESSION)
    before = mediation.state
    recorded = mediation.record_session(
        held_on=command.held_on,
        parties_present=command.parties_present,
        joint=command.joint,
        at=tx.now,
    )
    _check_day(command.held_on, since=day_in_china(mediation.filed_at), today=day_in_china(tx.now))
    no = recorded.session_no
    _keep_arranged(tx, seen.case_id, no, command.held_on)
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
    mediation = taken(tx, seen, concluding(command.outcome))
    before = mediation.state
    concluded = mediation.conclude(command.outcome, at=tx.now)
    told = {"outcome": command.outcome}
    announce(tx, concluded, before=before, after=mediation.state, details=told)
    closed = update(ROOMS).where(ROOMS.c.case_id == seen.case_id).values(closed_at=tx.now)
    tx.execute(closed)
    if mediation.mediator_id is not None:
        free_of_one(tx, mediation.mediator_id)


def taken(tx: Transaction, seen: Seen, action: str) -> Mediation:
    """The case, until the end of the transaction nobody else's to change.

    Raises what ``load`` does, or VersionMoved when it is not what the actor saw.
    """
    viewer = Viewer(actor=seen.by, now=tx.now)
    found = load(tx.session, viewer, action, seen.case_id, lock=True).row
    found.check_version(seen.version)
    return found


def _keep_arranged(tx: Transaction, case_id: UUID, no: int, held_on: date) -> None:
    """What was arranged for a later day than this session was held on is the next one's time."""
    later = APPOINTMENTS.c.day > held_on
    this = APPOINTMENTS.c.case_id == case_id, APPOINTMENTS.c.session_no == no
    tx.execute(update(APPOINTMENTS).where(*this, later).values(session_no=no + 1))


def _check_day(held_on: date, *, since: date, today: date) -> None:
    if held_on > today:
        raise Rejected("A session that is still to come cannot be recorded.").at("held_on")
    if held_on < since:
        refused = Rejected("A session cannot have been held before the dispute was filed.")
        raise refused.at("held_on")
