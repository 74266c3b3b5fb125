"""The tables of mediation, and the moves that a mediation can make."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Executable,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    and_,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from services.mediation.lifecycle import AT_WORK, TERMINAL, Outcome, State, Step, next_state
from shared.clock import CHINA
from shared.db.openings import openings_table
from shared.db.types import Document, UtcDateTime
from shared.db.upsert import DIALECTS, upsert
from shared.db.walks import unindexed
from shared.errors import Rejected, VersionMoved
from shared.events.mediation import (
    DisputeAccepted,
    DisputeConcluded,
    MediatorAssigned,
    SessionAnswered,
    SessionRecorded,
    SessionScheduled,
)
from shared.events.roster import Roster

CODE = String(64)
MEMBER = String(64)

PENDING, READY = "pending", "ready"
DOSSIER, NOTES, REASONS = "mediation.dossier", "mediation.notes", "mediation.reasons"
"""What is sealed, and so for which purpose."""


class Base(DeclarativeBase):
    type_annotation_map = {datetime: UtcDateTime, str: CODE}


class Mediation(Base):
    """The mediation of one dispute; ``since`` is when it came into its state."""

    __tablename__ = "mediations"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    category: Mapped[str]
    area: Mapped[str] = mapped_column(String(15))
    origin: Mapped[str]
    filed_at: Mapped[datetime]
    route: Mapped[str]
    state: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]
    safety_hold: Mapped[bool]
    risk: Mapped[str | None]
    reason: Mapped[str | None]
    consent_refused: Mapped[bool]
    committee_id: Mapped[str | None] = mapped_column(MEMBER)
    mediator_id: Mapped[str | None] = mapped_column(MEMBER)
    sessions: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("mediations_state", "state", "since", "case_id"),
        Index("mediations_mediator", "mediator_id", "state", "since", "case_id", "area", "route"),
        Index("mediations_route", "route", "state", "since", "case_id"),
        Index("mediations_since", "since", "case_id"),
        Index("mediations_area", "area", "state", "since", "case_id", "route"),
        Index("mediations_committee", "committee_id", "state", "since", "case_id", "route"),
        Index("mediations_number", "number"),
    )

    def check_version(self, seen: int) -> None:
        """Raises VersionMoved unless it is the version that the actor saw."""
        if self.version != seen:
            raise VersionMoved("Someone else has changed this case. Please reload.")

    def take_up(self, member_id: str) -> MediatorAssigned | None:
        """Have a mediator; None when there is one, or no committee."""
        if self.mediator_id is not None or self.committee_id is None:
            return None
        self.mediator_id = member_id
        return MediatorAssigned(
            case_id=self.case_id, member_id=member_id, organisation_id=self.committee_id
        )

    def hand_over(self, member_id: str, successor_id: str) -> MediatorAssigned | None:
        """None when the member does not have it any more, or it is over."""
        over = State(self.state) in TERMINAL
        if over or self.mediator_id != member_id or self.committee_id is None:
            return None
        self.mediator_id = successor_id
        return MediatorAssigned(
            case_id=self.case_id, member_id=successor_id, organisation_id=self.committee_id
        )

    def accept(self, member_id: str, *, consented: bool, at: datetime) -> DisputeAccepted:
        """受理: raises Rejected unless all parties consented, and while one is known to refuse."""
        state = next_state(State(self.state), Step.ACCEPT)
        if self.consent_refused:
            raise Rejected("A party refuses mediation: end it, and tell of other ways.").at(
                "parties_consented"
            )
        if not consented:
            raise Rejected("Confirm that all parties have agreed to be mediated.").at(
                "parties_consented"
            )
        self._move(state, at)
        return DisputeAccepted(case_id=self.case_id, member_id=self.mediator_id or member_id)

    @property
    def next_session_no(self) -> int:
        return self.sessions + 1

    @property
    def appointments_to_come(self) -> ColumnElement[bool]:
        table = Appointment.__table__.c
        return and_(table.case_id == self.case_id, table.session_no > self.sessions)

    def schedule_session(self, appointment: "Appointment") -> SessionScheduled:
        """Whoever saw the case without this time has to look again."""
        next_state(State(self.state), Step.SCHEDULE_SESSION)
        flag_modified(self, "sessions")
        return SessionScheduled(
            case_id=self.case_id,
            session_no=appointment.session_no,
            day=appointment.day,
            begins=appointment.begins,
            minutes=appointment.minutes,
            place=appointment.place,
            joint=appointment.joint,
        )

    def answer_session(self, appointment: "Appointment", *, comes: bool) -> SessionAnswered:
        next_state(State(self.state), Step.SCHEDULE_SESSION)
        flag_modified(self, "sessions")
        appointment.comes = comes
        return SessionAnswered(case_id=self.case_id, session_no=appointment.session_no, comes=comes)

    def record_session(
        self, *, held_on: date, parties_present: int, joint: bool, at: datetime
    ) -> SessionRecorded:
        self._move(next_state(State(self.state), Step.RECORD_SESSION), at)
        self.sessions += 1
        return SessionRecorded(
            case_id=self.case_id,
            session_no=self.sessions,
            held_on=held_on,
            parties_present=parties_present,
            joint=joint,
        )

    def conclude(self, outcome: Outcome, *, at: datetime) -> DisputeConcluded:
        self._move(next_state(State(self.state), outcome), at)
        self.outcome = outcome
        self.safety_hold = False
        return DisputeConcluded(case_id=self.case_id, outcome=outcome, state=self.state)

    def _move(self, state: State, at: datetime) -> None:
        if state != self.state:
            self.state, self.since = state, at


class Decision(Base):
    """Why a dispute went where it went: everything needed to explain it, or to decide again.

    ``facts`` are all that the rules could ask about (codes as lists, amounts in fen), ``tried`` the
    rules in their order with whether each matched; which fact made it so follows from the two.
    """

    __tablename__ = "decisions"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str]
    rule: Mapped[str]
    rule_set: Mapped[str]
    version: Mapped[str]
    valid_from: Mapped[date] = mapped_column(Date)
    decided_at: Mapped[datetime]
    directory_revision: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[Mapping[str, str | int | list[str] | None]] = mapped_column(Document)
    tried: Mapped[list[list[str | bool]]] = mapped_column(Document)
    overlays: Mapped[list[str]] = mapped_column(JSON)
    parallel: Mapped[list[str]] = mapped_column(JSON)
    assigned: Mapped[Mapping[str, str]] = mapped_column(JSON)


class Session(Base):
    """A session that was held; the notes are sealed."""

    __tablename__ = "sessions"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_no: Mapped[int] = mapped_column(primary_key=True)
    held_on: Mapped[date] = mapped_column(Date)
    parties_present: Mapped[int]
    joint: Mapped[bool]
    notes: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(80))


class Appointment(Base):
    """When a session is to be held, in China's time: ``begins`` is the minute of the day. One per
    session; it stays when the session was held. ``comes``: what the prosecutor of the room has
    answered, None while they have not, or there is none.
    """

    __tablename__ = "appointments"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_no: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    begins: Mapped[int]
    minutes: Mapped[int]
    place: Mapped[str]
    joint: Mapped[bool]
    comes: Mapped[bool | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(MEMBER)

    __table_args__ = (Index("appointments_day", "day", "begins", "case_id"),)

    @property
    def ends(self) -> int:
        return self.begins + self.minutes

    @property
    def at(self) -> datetime:
        return datetime.combine(self.day, time.min, CHINA) + timedelta(minutes=self.begins)

    @property
    def until(self) -> datetime:
        return self.at + timedelta(minutes=self.minutes)


def upcoming() -> ColumnElement[bool]:
    """Of an appointment and its mediation: the session is still to be held."""
    at_work = unindexed(Mediation.state).in_([str(state) for state in AT_WORK])
    return and_(Appointment.session_no > Mediation.sessions, at_work)


class Room(Base):
    """A joint room: a mediator leads, a prosecutor is invited."""

    __tablename__ = "rooms"

    room_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(unique=True)
    mediator_id: Mapped[str] = mapped_column(MEMBER)
    prosecutor_id: Mapped[str] = mapped_column(MEMBER)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


for _name, _columns in (
    ("rooms_open", (Room.opened_at,)),
    ("rooms_prosecutor", (Room.prosecutor_id, Room.case_id)),
):
    Index(
        _name,
        *_columns,
        sqlite_where=Room.closed_at.is_(None),
        postgresql_where=Room.closed_at.is_(None),
    )


class Dossier(Base):
    """What intake knows of the parties, copied once and sealed; ``problem`` says why not yet."""

    __tablename__ = "dossiers"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    attempts: Mapped[int]
    next_try: Mapped[datetime | None]
    problem: Mapped[str | None]


Index(
    "dossiers_due",
    Dossier.next_try,
    sqlite_where=Dossier.next_try.is_not(None),
    postgresql_where=Dossier.next_try.is_not(None),
)

timeline = Table(
    "timeline",
    Base.metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("event_type", String(120), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("role", CODE, nullable=False),
    Column("state_before", String(20)),
    Column("state_after", String(20), nullable=False),
    Column("details", JSON, nullable=False),
    sqlite_with_rowid=False,
)
"""What happened to a case here, one row per event published about it."""

workloads = Table(
    "workloads",
    Base.metadata,
    Column("member_id", MEMBER, primary_key=True),
    Column("open", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many cases a mediator has that are not over."""

recusals = Table(
    "recusals",
    Base.metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("member_id", MEMBER, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", MEMBER, nullable=False),
    sqlite_with_rowid=False,
)
"""Who is to have nothing to do with a case (回避), and who decided so."""

OPENINGS = openings_table(Base.metadata)
RECUSALS = recusals

metadata = Base.metadata
MEDIATIONS = metadata.tables["mediations"]
DECISIONS = metadata.tables["decisions"]
ROOMS = metadata.tables["rooms"]
DOSSIERS = metadata.tables["dossiers"]
APPOINTMENTS = metadata.tables["appointments"]
"""For the hot path, which writes rows in sets."""


def _raise_load(dialect: str) -> Executable:
    new = upsert(dialect, workloads)
    return new.on_conflict_do_update(
        index_elements=["member_id"], set_={"open": workloads.c.open + new.excluded.open}
    )


RAISE_LOADS = {dialect: _raise_load(dialect) for dialect in DIALECTS}
"""By dialect: adds to the open cases of members, whatever others add at the same time."""


def notes_place(case_id: UUID, session_no: int) -> str:
    """What a session's sealed notes are bound to."""
    return f"{case_id}/{session_no}"


@dataclass(kw_only=True)
class RoutingState:
    """What deciding needs, fetched once for a batch of ``left`` disputes.

    ``loads`` are the mediators' open cases, and ``added`` those that this batch brings them: the
    next choice sees both, and the last dispute of the batch writes the latter down.
    """

    revision: int
    roster: Roster
    loads: dict[str, int]
    left: int
    added: Counter[str] = field(default_factory=Counter)

    def assign(self, member_id: str) -> None:
        self.loads[member_id] = self.loads.get(member_id, 0) + 1
        self.added[member_id] += 1
