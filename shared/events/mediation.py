"""Events published by the mediation service."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.events.base import Code, Count, DisputeEvent
from shared.events.decisions import Explanation


@dataclass(frozen=True, kw_only=True)
class DisputeRouted(DisputeEvent):
    """It is decided, with reasons, who takes the dispute up; every dispute is routed once."""

    event_type = "mediation.dispute.routed.v1"

    decision: Explanation
    state: Code
    safety_hold: bool = False
    committee_id: Code | None = None


@dataclass(frozen=True, kw_only=True)
class MediatorAssigned(DisputeEvent):
    """A named mediator has the case."""

    event_type = "mediation.mediator.assigned.v1"

    member_id: Code
    organisation_id: Code


@dataclass(frozen=True, kw_only=True)
class RoomOpened(DisputeEvent):
    """A joint room is open: a mediator leads, the prosecutor on duty is invited."""

    event_type = "mediation.room.opened.v1"

    room_id: UUID
    mediator_id: Code
    prosecutor_id: Code
    organisation_id: Code


@dataclass(frozen=True, kw_only=True)
class ProsecutorAssigned(DisputeEvent):
    """Another prosecutor is invited to the open joint room."""

    event_type = "mediation.prosecutor.assigned.v1"

    room_id: UUID
    prosecutor_id: Code


@dataclass(frozen=True, kw_only=True)
class DisputeAccepted(DisputeEvent):
    """受理: all parties consented; the one-month clock starts."""

    event_type = "mediation.dispute.accepted.v1"

    member_id: Code


@dataclass(frozen=True, kw_only=True)
class SessionScheduled(DisputeEvent):
    """The next session has a time, in China's: ``begins`` is the minute of the day. Another one
    for the same session takes its place.
    """

    event_type = "mediation.session.scheduled.v1"

    session_no: Count
    day: date
    begins: Count
    minutes: Count
    place: Code
    joint: bool


@dataclass(frozen=True, kw_only=True)
class SessionAnswered(DisputeEvent):
    """The prosecutor of the room says whether they come to the scheduled session."""

    event_type = "mediation.session.answered.v1"

    session_no: Count
    comes: bool


@dataclass(frozen=True, kw_only=True)
class SessionRecorded(DisputeEvent):
    """A session was held; what was said stays in the mediation service."""

    event_type = "mediation.session.recorded.v1"

    session_no: Count
    held_on: date
    parties_present: Count
    joint: bool


@dataclass(frozen=True, kw_only=True)
class DisputeConcluded(DisputeEvent):
    """The mediation is over, with one outcome code of the domain."""

    event_type = "mediation.dispute.concluded.v1"

    outcome: Code
    state: Code
