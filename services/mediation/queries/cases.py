"""Mediations: lists of them, how many there are, and one of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session as OrmSession

from services.mediation.lifecycle import State
from services.mediation.models import Mediation, Room
from services.mediation.policy import Sight
from services.mediation.queries.dossiers import DossierView, dossier
from services.mediation.routing import Route
from shared.auth.sealing import Sealer
from shared.clock import day_in_china
from shared.errors import NotFound
from shared.events.directory import DutyPublished
from shared.messaging.replica import Directory, Named, area_named, directory, named

COUNTED = 100
"""Counts stop here: how many more makes no difference, and counting a million rows takes time."""

AREA_DIGITS = 15


@dataclass(frozen=True, kw_only=True)
class Filters:
    """``rooms_only``: just the cases that have a joint room. ``after``: the place of the last row
    that was seen. The newest come first, unless ``longest_first``: then those that have been in
    their state for longest.
    """

    state: str | None = None
    route: str | None = None
    area: str | None = None
    mediator: str | None = None
    rooms_only: bool = False
    longest_first: bool = False
    after: tuple[datetime, UUID] | None = None
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A mediation, with the names of where it is and who has it."""

    mediation: Mediation
    area: Named
    committee: Named | None
    mediator: Named | None


@dataclass(frozen=True, kw_only=True)
class RoomView:
    room_id: UUID
    case_id: UUID
    mediator: Named | None
    prosecutor: Named | None
    opened_at: datetime
    closed_at: datetime | None
    number: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Case(Listed):
    """A mediation with its room, if it has one, and its parties."""

    room: RoomView | None
    dossier: DossierView


@dataclass(frozen=True, kw_only=True)
class OnDuty:
    role: str
    area: Named
    member: Named | None


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """Who is on duty on a day, and the rooms that are open, the newest first."""

    day: date
    on_duty: Sequence[OnDuty]
    open: Sequence[RoomView]


def mediations(session: OrmSession, wanted: Filters) -> Sequence[Listed]:
    snapshot = directory(session)
    place = tuple_(Mediation.since, Mediation.case_id)
    query = select(Mediation).where(*_conditions(wanted)).limit(wanted.limit)
    if wanted.longest_first:
        query = query.order_by(Mediation.since, Mediation.case_id)
        beyond = place > wanted.after if wanted.after else None
    else:
        query = query.order_by(Mediation.since.desc(), Mediation.case_id.desc())
        beyond = place < wanted.after if wanted.after else None
    if beyond is not None:
        query = query.where(beyond)
    return [_listed(found, snapshot) for found in session.scalars(query)]


def counts(session: OrmSession, wanted: Filters) -> Mapping[str, int]:
    """How many there are in each state, up to ``COUNTED``; the filters' own state is left out."""
    parts = []
    for state in State:
        some = (
            select(literal(1))
            .select_from(Mediation)
            .where(Mediation.state == state, *_conditions(wanted, state=False))
            .limit(COUNTED)
            .subquery()
        )
        parts.append(select(literal(str(state)).label("state"), func.count()).select_from(some))
    return {row[0]: row[1] for row in session.execute(union_all(*parts))}


def listed(session: OrmSession, case_id: UUID, sight: Sight) -> Listed:
    """Also within the transaction that changes it. Raises NotFound."""
    return _listed(readable(session, case_id, sight), directory(session))


def case(session: OrmSession, case_id: UUID, sight: Sight, dossiers: Sealer) -> Case:
    """Raises NotFound. ``dossiers`` opens what was copied from intake."""
    found = readable(session, case_id, sight)
    snapshot = directory(session)
    room = session.scalars(select(Room).where(Room.case_id == case_id)).first()
    row = _listed(found, snapshot)
    return Case(
        mediation=found,
        area=row.area,
        committee=row.committee,
        mediator=row.mediator,
        room=None if room is None else _room(room, found, snapshot),
        dossier=dossier(session, case_id, sight, dossiers),
    )


def readable(session: OrmSession, case_id: UUID, sight: Sight) -> Mediation:
    """Raises NotFound, also for one that the actor may not know of."""
    query = select(Mediation).where(Mediation.case_id == case_id)
    found = session.scalars(query if sight.every else query.where(_has_room())).first()
    if found is None:
        raise NotFound("There is no such record.")
    return found


def rooms(session: OrmSession, *, now: datetime, limit: int = 50) -> Rooms:
    snapshot = directory(session)
    query = (
        select(Room, Mediation)
        .join_from(Room, Mediation, Mediation.case_id == Room.case_id)
        .where(Room.closed_at.is_(None))
        .order_by(Room.opened_at.desc())
        .limit(limit)
    )
    today = day_in_china(now)
    return Rooms(
        day=today,
        on_duty=[_duty(duty, snapshot) for duty in _duties(snapshot, today)],
        open=[_room(room, found, snapshot) for room, found in session.execute(query)],
    )


def _conditions(wanted: Filters, *, state: bool = True) -> Iterator[ColumnElement[bool]]:
    if state and wanted.state is not None:
        yield Mediation.state == wanted.state
    if wanted.route is not None:
        yield Mediation.route == wanted.route
    if wanted.area is not None:
        # An area and all within it; a range of digits means the same in every collation.
        yield Mediation.area >= wanted.area
        yield Mediation.area <= wanted.area.ljust(AREA_DIGITS, "9")
    if wanted.mediator is not None:
        yield Mediation.mediator_id == wanted.mediator
    if wanted.rooms_only:
        yield Mediation.route == Route.JOINT_ROOM
        yield _has_room()


def _has_room() -> ColumnElement[bool]:
    return exists().where(Room.case_id == Mediation.case_id)


def _listed(found: Mediation, snapshot: Directory) -> Listed:
    return Listed(
        mediation=found,
        area=area_named(snapshot, found.area),
        committee=named(snapshot, found.committee_id),
        mediator=named(snapshot, found.mediator_id),
    )


def _room(room: Room, found: Mediation, snapshot: Directory) -> RoomView:
    return RoomView(
        room_id=room.room_id,
        case_id=room.case_id,
        mediator=named(snapshot, room.mediator_id),
        prosecutor=named(snapshot, room.prosecutor_id),
        opened_at=room.opened_at,
        closed_at=room.closed_at,
        number=found.number,
        state=found.state,
    )


def _duties(snapshot: Directory, day: date) -> Iterator[DutyPublished]:
    for duty in snapshot.duties:
        begun = duty.valid_from <= day and (duty.valid_to is None or day <= duty.valid_to)
        if begun and day.isoweekday() in duty.weekdays and duty.role in {"prosecutor", "mediator"}:
            yield duty


def _duty(duty: DutyPublished, snapshot: Directory) -> OnDuty:
    return OnDuty(
        role=duty.role,
        area=area_named(snapshot, duty.area),
        member=named(snapshot, duty.member_id),
    )
