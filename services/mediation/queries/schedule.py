"""When sessions are to be held: a week of them, those that come, and cases without a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session as OrmSession

from services.mediation.lifecycle import AT_WORK
from services.mediation.models import Appointment, Mediation, Room, upcoming
from services.mediation.policy import POLICY, READ, ROOMS
from services.mediation.queries.cases import Case, Listed, duties_on, with_names
from services.mediation.relations import rooms_of, undenied_cases, within_scope
from shared.auth.actor import Viewer
from shared.auth.relations import Relation
from shared.clock import day_in_china
from shared.db.scope import decided
from shared.db.walks import Walk, walked
from shared.messaging.replica import Directory, Named, directory, named

WEEK = timedelta(days=7)
MOST = 300
"""Sessions of one week that are shown."""
FEW = 6
UNTIMED = 20
SATURDAY = 6


@dataclass(frozen=True, kw_only=True)
class Booked:
    """A session that has a time, in China's. ``comes`` is what the prosecutor, if one is invited,
    has answered; ``held``: it was recorded; ``over``: its time has passed. ``category`` is None for
    those who may not read cases.
    """

    case_id: UUID
    number: str
    category: str | None
    area: Named
    mediator: Named | None
    prosecutor: Named | None
    day: date
    begins: int
    minutes: int
    place: str
    joint: bool
    comes: bool | None
    held: bool
    over: bool
    at: datetime
    until: datetime

    @property
    def ends(self) -> int:
        return self.begins + self.minutes

    @property
    def unanswered(self) -> bool:
        asked = self.prosecutor is not None and self.comes is None
        return asked and not (self.held or self.over)


@dataclass(frozen=True, kw_only=True)
class Day:
    """``on_duty`` are the prosecutors to be invited; ``weekend``: most offices are closed."""

    day: date
    on_duty: Sequence[Named]
    booked: Sequence[Booked]

    @property
    def weekend(self) -> bool:
        return self.day.isoweekday() >= SATURDAY


@dataclass(frozen=True, kw_only=True)
class Week:
    """``more``: there are sessions besides, which are not among these ``MOST``."""

    days: Sequence[Day]
    more: bool


def week(session: OrmSession, viewer: Viewer, monday: date) -> Week:
    """Seven days of sessions within the actor's reach."""
    snapshot = directory(session)
    between = Appointment.day >= monday, Appointment.day < monday + WEEK
    found = list(_booked(session, viewer, between, MOST + 1, snapshot))
    days = [monday + timedelta(days=number) for number in range(WEEK.days)]
    listed = [
        Day(
            day=day,
            on_duty=_prosecutors(snapshot, viewer, day),
            booked=[one for one in found[:MOST] if one.day == day],
        )
        for day in days
    ]
    return Week(days=listed, more=len(found) > MOST)


def coming(session: OrmSession, viewer: Viewer) -> Sequence[Booked]:
    """The next few within seven days that are still to be held."""
    today = day_in_china(viewer.now)
    soon = upcoming(), Appointment.day >= today, Appointment.day < today + WEEK
    return list(_booked(session, viewer, soon, FEW, directory(session)))


def next_of(session: OrmSession, viewer: Viewer, case: Case) -> Booked | None:
    """When its next session is to be held."""
    row = case.mediation
    if row.state not in AT_WORK:
        return None
    found = session.get(Appointment, (row.case_id, row.next_session_no))
    if found is None:
        return None
    return _seen(viewer, found, case, case.room.prosecutor if case.room else None)


def times_of(session: OrmSession, cases: Sequence[UUID]) -> Mapping[UUID, Appointment]:
    """When the next session of each is to be held; those without a time are left out."""
    query = (
        select(Appointment)
        .join(Mediation, Mediation.case_id == Appointment.case_id)
        .where(Appointment.case_id.in_(cases), upcoming())
    )
    rows = session.scalars(query) if cases else ()
    return {found.case_id: found for found in rows}


def without_time(session: OrmSession, viewer: Viewer) -> Sequence[Listed]:
    """One's own cases at work that have no time for the next session, the longest first."""
    timed = exists().where(
        Appointment.case_id == Mediation.case_id, Appointment.session_no > Mediation.sessions
    )
    mine = Mediation.mediator_id == viewer.actor.id
    pieces = [
        [mine, Mediation.state == str(state), ~timed, *undenied_cases(viewer)]
        for state in sorted(AT_WORK)
    ]
    walk = Walk(limit=UNTIMED, oldest_first=True)
    query = walked(Mediation, Mediation.since, Mediation.case_id, pieces, walk)
    snapshot = directory(session)
    return [with_names(found, snapshot) for found in session.scalars(query)]


def _booked(
    session: OrmSession,
    viewer: Viewer,
    when: Sequence[ColumnElement[bool]],
    most: int,
    snapshot: Directory,
) -> Iterator[Booked]:
    held = Appointment.session_no <= Mediation.sessions
    query = (
        select(Appointment, Mediation, Room.prosecutor_id)
        .join(Mediation, Mediation.case_id == Appointment.case_id)
        .outerjoin(Room, Room.case_id == Appointment.case_id)
        .where(*when, or_(held, upcoming()), *_reached(viewer))
        .order_by(Appointment.day, Appointment.begins, Appointment.case_id)
        .limit(most)
    )
    for appointment, case, prosecutor in session.execute(query):
        yield _seen(viewer, appointment, with_names(case, snapshot), named(snapshot, prosecutor))


def _reached(viewer: Viewer) -> Iterator[ColumnElement[bool]]:
    """Who may not read cases sees the joint rooms only. Those who have few cases of their own are
    not to wait for those of all others to be looked at.
    """
    yield decided(within_scope(viewer, ROOMS))
    relations = POLICY.relations(viewer.actor, ROOMS)
    if not POLICY.allows(viewer.actor, READ):
        yield Room.case_id.is_not(None)
    if relations == {Relation.HOLDER}:
        mine = select(Mediation.case_id).where(Mediation.mediator_id == viewer.actor.id)
        yield Appointment.case_id.in_(mine)
    elif relations == {Relation.ROOM}:
        yield Appointment.case_id.in_(rooms_of(viewer))


def _seen(
    viewer: Viewer, appointment: Appointment, case: Listed, prosecutor: Named | None
) -> Booked:
    reads = POLICY.allows(viewer.actor, READ)
    return Booked(
        case_id=case.mediation.case_id,
        number=case.mediation.number,
        category=case.mediation.category if reads else None,
        area=case.area,
        mediator=case.mediator,
        prosecutor=prosecutor,
        day=appointment.day,
        begins=appointment.begins,
        minutes=appointment.minutes,
        over=appointment.until <= viewer.now,
        at=appointment.at,
        until=appointment.until,
        place=appointment.place,
        joint=appointment.joint,
        comes=appointment.comes,
        held=appointment.session_no <= case.mediation.sessions,
    )


def _prosecutors(snapshot: Directory, viewer: Viewer, day: date) -> Sequence[Named]:
    """Those on duty for any place where the actor works."""
    found = [
        duty.member_id
        for duty in duties_on(snapshot, day)
        if duty.role == "prosecutor" and _concerns(duty.area, viewer.actor.areas)
    ]
    names = (named(snapshot, member_id) for member_id in dict.fromkeys(found))
    return [name for name in names if name]


def _concerns(area: str, areas: Sequence[str]) -> bool:
    return not areas or any(area.startswith(one) or one.startswith(area) for one in areas)
