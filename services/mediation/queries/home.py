"""The day of whoever mediates or answers for it: what waits for them, and how much there is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session as OrmSession

from services.mediation.lifecycle import TERMINAL, State
from services.mediation.models import Appointment, Mediation
from services.mediation.policy import POLICY, READ
from services.mediation.queries.cases import Listed, with_names
from services.mediation.queries.lists import COUNTED, STATES, Filters, pieces_of
from services.mediation.queries.schedule import times_of
from services.mediation.relations import offered, undenied_cases
from shared.auth.actor import Viewer
from shared.auth.relations import Relation
from shared.clock import CHINA
from shared.db.scope import is_theirs
from shared.db.walks import Walk, counted, unindexed, walked
from shared.messaging.replica import directory

OPEN = tuple(str(state) for state in State if state not in TERMINAL)
OVER = (str(State.CLOSED), str(State.TERMINATED))
URGENT = (str(State.SAFETY_HOLD), str(State.TRIAGE))
"""Nobody mediates these: whoever answers for the place has to move them on."""

NEW = timedelta(days=1)
"""For so long a case that came in counts as new."""
SHOWN = 20
CONCLUDED = "concluded"
OVERSEEING = frozenset({Relation.COMMITTEE, Relation.AREA})


@dataclass(frozen=True, kw_only=True)
class Home:
    """``waiting`` and ``new``: those that wait longest first. ``counts`` are the open cases within
    their scope by state, ``concluded`` those that ended there this month, both up to ``COUNTED``.
    ``own``: that scope is their own work. ``times``: when the next session of a case is to be held.
    """

    waiting: Sequence[Listed]
    new: Sequence[Listed]
    more: bool
    own: bool
    counts: Mapping[str, int]
    concluded: int
    times: Mapping[UUID, Appointment]

    @property
    def held(self) -> int:
        """Of those that are shown, how many are dangerous."""
        return sum(row.mediation.state == State.SAFETY_HOLD for row in (*self.waiting, *self.new))


def home(session: OrmSession, viewer: Viewer) -> Home:
    relations = POLICY.relations(viewer.actor, READ)
    own = not relations & OVERSEEING
    pieces = list(_to_do(session, viewer, relations))
    walk = Walk(limit=SHOWN + 1, oldest_first=True)
    query = walked(Mediation, Mediation.since, Mediation.case_id, pieces, walk)
    snapshot = directory(session)
    rows = [with_names(found, snapshot) for found in session.scalars(query)]
    counts = _counts(session, viewer)
    return Home(
        waiting=[row for row in rows[:SHOWN] if not _new(row.mediation, viewer.now)],
        new=[row for row in rows[:SHOWN] if _new(row.mediation, viewer.now)],
        more=len(rows) > SHOWN,
        own=own,
        counts={state: counts[state] for state in OPEN},
        concluded=counts[CONCLUDED],
        times=times_of(session, [row.mediation.case_id for row in rows[:SHOWN]]),
    )


def _to_do(
    session: OrmSession, viewer: Viewer, relations: frozenset[Relation]
) -> Iterator[Sequence[ColumnElement[bool]]]:
    """What one works on oneself. Who answers for a committee or a place also sees what nobody
    mediates, and a director what no mediator has.
    """
    if not relations & OVERSEEING:
        yield from _conditions(session, viewer, Filters(), OPEN)
        return
    if Relation.HOLDER in relations:
        yield from _conditions(session, viewer, Filters(mediator=viewer.actor.id), OPEN)
    if Relation.COMMITTEE in relations:
        theirs = is_theirs(unindexed(Mediation.committee_id), viewer.actor.organisation_id)
        yield [*offered(), theirs, *undenied_cases(viewer)]
    yield from _conditions(session, viewer, Filters(), URGENT)


def open_cases(session: OrmSession, viewer: Viewer) -> Mapping[str, int]:
    """Those within their scope by state, each up to ``COUNTED``."""
    pieces = pieces_of(session, viewer, Filters(), OPEN)
    return counted(session, Mediation, pieces, most=COUNTED)


def _counts(session: OrmSession, viewer: Viewer) -> Mapping[str, int]:
    begun = _month(viewer.now)
    ended = (
        (CONCLUDED, [*piece, Mediation.since >= begun])
        for _, piece in pieces_of(session, viewer, Filters(), OVER)
    )
    pieces = [*pieces_of(session, viewer, Filters(), OPEN), *ended]
    return dict.fromkeys((*STATES, CONCLUDED), 0) | counted(
        session, Mediation, pieces, most=COUNTED
    )


def _conditions(
    session: OrmSession, viewer: Viewer, wanted: Filters, states: Sequence[str]
) -> Iterator[Sequence[ColumnElement[bool]]]:
    yield from (piece for _, piece in pieces_of(session, viewer, wanted, states))


def _new(found: Mediation, now: datetime) -> bool:
    return found.state == State.CONSENT_PENDING and now - found.since < NEW


def _month(now: datetime) -> datetime:
    """Its first moment in China."""
    return now.astimezone(CHINA).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
