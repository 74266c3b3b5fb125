"""The life of a mediation: its states, and the moves between them.

The numbers in comments are the rows of the domain's table of transitions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import IllegalTransition


class State(StrEnum):
    TRIAGE = "triage"
    SAFETY_HOLD = "safety_hold"
    CONSENT_PENDING = "consent_pending"
    NOT_ACCEPTED = "not_accepted"
    ACCEPTED = "accepted"
    IN_MEDIATION = "in_mediation"
    TERMINATED = "terminated"
    CLOSED = "closed"


class Outcome(StrEnum):
    SETTLED_WRITTEN = "settled_written"
    SETTLED_ORAL = "settled_oral"
    SETTLED_SELF = "settled_self"
    REFUSED = "refused"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    UNREACHABLE = "unreachable"
    HANDED_TO_POLICE = "handed_to_police"
    HANDED_TO_COURT = "handed_to_court"
    HANDED_TO_AGENCY = "handed_to_agency"


class Step(StrEnum):
    """What is done without ending the mediation; an outcome ends it."""

    ACCEPT = "accept"
    SCHEDULE_SESSION = "schedule_session"
    RECORD_SESSION = "record_session"


@dataclass(frozen=True)
class Move:
    """From any of these states into one; without a target it stays where it is."""

    sources: frozenset[State]
    target: State | None = None


CASE, ROOM = "mediation", "room"
"""What a member can have here, as the directory calls it when it is handed over."""

TERMINAL = frozenset({State.NOT_ACCEPTED, State.TERMINATED, State.CLOSED})

FIRST_STATES: Mapping[str, State] = {
    "police_immediate": State.SAFETY_HOLD,  # 4
    "mandatory_report": State.SAFETY_HOLD,  # 4
    "safety_interview": State.SAFETY_HOLD,  # 4
    "ask_again": State.TRIAGE,  # 2
    "not_accepted": State.NOT_ACCEPTED,  # 7
    "special_committee": State.CONSENT_PENDING,  # 8
    "joint_room": State.CONSENT_PENDING,  # 8; the room is open, 13 follows with the consents
    "street_mediation": State.CONSENT_PENDING,  # 8
    "ordinary_mediation": State.CONSENT_PENDING,  # 8
}
"""The state in which a dispute begins here, by the route that was decided for it."""

ASKED = frozenset({State.CONSENT_PENDING})
AT_WORK = frozenset({State.ACCEPTED, State.IN_MEDIATION})
HELD = frozenset({State.SAFETY_HOLD})

# Between in_mediation and closed stand agreement_drafted, performing, performed and follow_up
# (18-20, 25, 28, 29): they come with the agreement. Until then a settlement closes the case.
SETTLE = Move(frozenset({State.IN_MEDIATION}), State.CLOSED)

MOVES: Mapping[Step | Outcome, Move] = {
    Step.ACCEPT: Move(ASKED, State.ACCEPTED),  # 9
    Step.SCHEDULE_SESSION: Move(AT_WORK),
    Step.RECORD_SESSION: Move(AT_WORK, State.IN_MEDIATION),  # 11, 16
    Outcome.SETTLED_WRITTEN: SETTLE,
    Outcome.SETTLED_ORAL: SETTLE,
    Outcome.SETTLED_SELF: SETTLE,
    Outcome.REFUSED: Move(ASKED | AT_WORK, State.TERMINATED),  # 10, 22
    Outcome.UNREACHABLE: Move(ASKED | AT_WORK, State.TERMINATED),  # 10, 22
    Outcome.WITHDRAWN: Move(ASKED | AT_WORK, State.TERMINATED),  # 10, 22
    Outcome.FAILED: Move(AT_WORK, State.TERMINATED),  # 22: without consent there is no attempt
    Outcome.HANDED_TO_POLICE: Move(HELD, State.CLOSED),  # 6
    Outcome.HANDED_TO_COURT: Move(ASKED | AT_WORK, State.TERMINATED),  # 22
    Outcome.HANDED_TO_AGENCY: Move(ASKED | AT_WORK, State.TERMINATED),  # 22
}


def next_state(current: State, step: Step | Outcome) -> State:
    """The state after this step; raises IllegalTransition when it cannot be done now."""
    move = MOVES[step]
    if current not in move.sources:
        raise IllegalTransition(current, move.target or current)
    return move.target or current


def possible(current: State) -> tuple[Step | Outcome, ...]:
    """What can be done now, in the order of the table."""
    return tuple(step for step, move in MOVES.items() if current in move.sources)
