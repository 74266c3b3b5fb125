"""When the next session is to be held, and whether the prosecutor of the room comes to it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, select

from services.mediation.handlers.announcing import announce
from services.mediation.handlers.steps import Seen, taken
from services.mediation.models import Appointment, Mediation, Room, upcoming
from services.mediation.policy import ANSWER_SESSION, SCHEDULE_SESSION
from shared.clock import CHINA, day_in_china
from shared.db import Transaction
from shared.errors import Rejected

FURTHEST = timedelta(days=180)
"""Later than that is a slip of the finger."""
WHOLE_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class ScheduleSession:
    """In China's time; ``begins`` is the minute of the day. ``joint``: the sides sit together."""

    day: date
    begins: int
    minutes: int
    place: str
    joint: bool = True


@dataclass(frozen=True, kw_only=True)
class AnswerSession:
    comes: bool


def schedule_session(tx: Transaction, seen: Seen, command: ScheduleSession) -> None:
    """Give the next session a time, or another one. Raises Rejected when it has passed, and when
    whoever mediates, or the prosecutor of the room, is known to be elsewhere then.
    """
    mediation = taken(tx, seen, SCHEDULE_SESSION)
    appointment = Appointment(
        case_id=seen.case_id,
        session_no=mediation.next_session_no,
        day=command.day,
        begins=command.begins,
        minutes=command.minutes,
        place=command.place,
        joint=command.joint,
        comes=None,
        made_at=tx.now,
        made_by=tx.actor,
    )
    scheduled = mediation.schedule_session(appointment)
    _check_time(tx, appointment)
    _check_free(tx, mediation, appointment)
    tx.session.merge(appointment)
    told = {
        "day": command.day.isoformat(),
        "begins": command.begins,
        "minutes": command.minutes,
        "place": command.place,
    }
    announce(tx, scheduled, before=mediation.state, after=mediation.state, details=told)


def answer_session(tx: Transaction, seen: Seen, command: AnswerSession) -> None:
    """Raises Rejected when no session is scheduled, or it is over."""
    mediation = taken(tx, seen, ANSWER_SESSION)
    place = (seen.case_id, mediation.next_session_no)
    appointment = tx.session.get(Appointment, place)
    if appointment is None:
        raise Rejected("No session is scheduled.")
    if appointment.until <= tx.now:
        raise Rejected("This session is over.")
    answered = mediation.answer_session(appointment, comes=command.comes)
    told = {"comes": command.comes}
    announce(tx, answered, before=mediation.state, after=mediation.state, details=told)


def _check_time(tx: Transaction, wanted: Appointment) -> None:
    now = tx.now.astimezone(CHINA)
    today = day_in_china(tx.now)
    if (wanted.day, wanted.begins) <= (today, now.hour * 60 + now.minute):
        raise Rejected("This time has passed.").at("day")
    if wanted.day > today + FURTHEST:
        raise Rejected("This is more than half a year away.").at("day")
    if wanted.ends > WHOLE_DAY:
        raise Rejected("It would last beyond midnight.").at("begins")


def _check_free(tx: Transaction, mediation: Mediation, wanted: Appointment) -> None:
    """As far as is known at this moment; nobody else's case is told of."""
    prosecutor = tx.session.scalar(
        select(Room.prosecutor_id).where(
            Room.case_id == mediation.case_id, Room.closed_at.is_(None)
        )
    )
    if _busy(tx, wanted, Mediation.mediator_id == mediation.mediator_id):
        raise Rejected("Whoever mediates has another session then.").at("begins")
    coming = and_(Room.prosecutor_id == prosecutor, Appointment.comes.is_not(False))
    if prosecutor and _busy(tx, wanted, coming):
        raise Rejected("The prosecutor has another session then.").at("begins")


def _busy(tx: Transaction, wanted: Appointment, theirs: ColumnElement[bool]) -> bool:
    query = (
        select(Appointment.case_id)
        .join(Mediation, Mediation.case_id == Appointment.case_id)
        .outerjoin(Room, Room.case_id == Appointment.case_id)
        .where(
            upcoming(),
            theirs,
            Appointment.case_id != wanted.case_id,
            Appointment.day == wanted.day,
            Appointment.begins < wanted.ends,
            Appointment.begins + Appointment.minutes > wanted.begins,
        )
    )
    return tx.session.scalars(query.limit(1)).first() is not None
