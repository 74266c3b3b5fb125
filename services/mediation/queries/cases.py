"""One mediation with all that belongs to it, and the joint rooms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session as OrmSession

from services.mediation.models import Mediation, Room
from services.mediation.policy import Sight
from services.mediation.queries.dossiers import DossierView, dossier
from shared.auth.sealing import Sealer
from shared.clock import day_in_china
from shared.errors import NotFound
from shared.events.directory import DutyPublished
from shared.messaging.replica import Directory, Named, area_named, directory, named


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


def listed(session: OrmSession, case_id: UUID, sight: Sight) -> Listed:
    """Also within the transaction that changes it. Raises NotFound."""
    return with_names(readable(session, case_id, sight), directory(session))


def case(session: OrmSession, case_id: UUID, sight: Sight, dossiers: Sealer) -> Case:
    """Raises NotFound. ``dossiers`` opens what was copied from intake."""
    found = readable(session, case_id, sight)
    snapshot = directory(session)
    room = session.scalars(select(Room).where(Room.case_id == case_id)).first()
    row = with_names(found, snapshot)
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
    found = session.scalars(query if sight.every else query.where(has_room())).first()
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


def has_room() -> ColumnElement[bool]:
    return exists().where(Room.case_id == Mediation.case_id)


def with_names(found: Mediation, snapshot: Directory) -> Listed:
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
