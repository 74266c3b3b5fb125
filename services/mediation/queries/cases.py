"""One mediation with all that belongs to it, and the joint rooms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from services.mediation.models import Mediation, Room
from services.mediation.policy import AUDIT, BREAK_GLASS, NAME, NOTES, POLICY, READ, ROOMS, STORY
from services.mediation.queries.dossiers import DossierView, dossier
from services.mediation.relations import load, shown, within_scope
from shared.auth.actor import Viewer
from shared.auth.policy import Obligation
from shared.auth.sealing import Sealer
from shared.clock import day_in_china
from shared.db.scope import Found, decided
from shared.errors import NotFound
from shared.events.directory import DutyPublished
from shared.messaging.replica import Directory, Named, area_named, directory, named
from shared.service import Known, uuids


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
    """A mediation with its room, if it has one, and its parties. ``to_open``: what the actor can
    do to see more of it; ``audited``: they may know who saw it.
    """

    room: RoomView | None
    dossier: DossierView
    to_open: str | None
    audited: bool
    found: Found[Mediation]

    @property
    def masked(self) -> bool:
        """Whether the names of the parties are."""
        return NAME not in shown(self.found)

    @property
    def vulnerable(self) -> Sequence[str]:
        """Who among the parties needs special care."""
        return sorted({code for party in self.dossier.parties for code in party.vulnerable})

    def particulars(self, *, notes: bool = False) -> tuple[str, ...]:
        """What the audit calls what is shown; ``notes``: those of sessions, too."""
        told = shown(self.found)
        held = {"parties": True, "narrative": STORY in told, "notes": notes and NOTES in told}
        return tuple(code for code, seen in held.items() if seen)


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


def listed(session: OrmSession, viewer: Viewer, case_id: UUID) -> Listed:
    """Also within the transaction that changes it. Raises NotFound."""
    return with_names(load(session, viewer, READ, case_id).row, directory(session))


def case(session: OrmSession, viewer: Viewer, case_id: UUID, dossiers: Sealer) -> Case:
    """Raises NotFound. ``dossiers`` opens what was copied from intake."""
    found = load(session, viewer, READ, case_id)
    snapshot = directory(session)
    room = session.scalars(select(Room).where(Room.case_id == case_id)).first()
    row = with_names(found.row, snapshot)
    return Case(
        mediation=found.row,
        area=row.area,
        committee=row.committee,
        mediator=row.mediator,
        room=None if room is None else _room(room, found.row, snapshot),
        dossier=dossier(session, found, dossiers),
        to_open=to_open(viewer, found),
        audited=POLICY.decide(viewer.actor, AUDIT, found.relations).allow,
        found=found,
    )


def check_audit(session: OrmSession, viewer: Viewer, case_id: UUID) -> None:
    """Raises NotFound or Forbidden for who may not know who saw it."""
    load(session, viewer, AUDIT, case_id)


def audited(session: OrmSession, viewer: Viewer, number: str) -> Sequence[str]:
    """The id of the case with this number, for who may know who saw it. Raises NotFound."""
    case_id = session.scalar(select(Mediation.case_id).where(Mediation.number == number))
    if case_id is None:
        raise NotFound("There is no such record.")
    check_audit(session, viewer, case_id)
    return [str(case_id)]


def records(session: OrmSession, viewer: Viewer, ids: Sequence[str]) -> Mapping[str, Known]:
    """The numbers of those that may be looked at."""
    query = select(Mediation.case_id, Mediation.number).where(
        Mediation.case_id.in_(uuids(ids)), decided(within_scope(viewer, READ))
    )
    return {
        str(case_id): Known(text=number, path=f"/mediation/mediations/{case_id}")
        for case_id, number in session.execute(query)
    }


def to_open(viewer: Viewer, found: Found[Mediation]) -> str | None:
    """``open`` or ``break-glass``, as the addresses are called."""
    if Obligation.REASON in found.decision.obligations:
        return "open"
    glass = POLICY.decide(viewer.actor, BREAK_GLASS, found.relations).allow
    more = found.decision.mask == POLICY.masks[0]
    return "break-glass" if glass and more else None


def rooms(session: OrmSession, viewer: Viewer, *, limit: int = 50) -> Rooms:
    snapshot = directory(session)
    query = (
        select(Room, Mediation)
        .join_from(Room, Mediation, Mediation.case_id == Room.case_id)
        .where(Room.closed_at.is_(None), decided(within_scope(viewer, ROOMS)))
        .order_by(Room.opened_at.desc())
        .limit(limit)
    )
    today = day_in_china(viewer.now)
    return Rooms(
        day=today,
        on_duty=[_duty(duty, snapshot) for duty in duties_on(snapshot, today)],
        open=[_room(room, found, snapshot) for room, found in session.execute(query)],
    )


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


def duties_on(snapshot: Directory, day: date) -> Iterator[DutyPublished]:
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
