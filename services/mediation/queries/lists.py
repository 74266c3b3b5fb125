"""Lists of mediations, how many there are in each state, and where a number leads.

What somebody may see is walked relation by relation: an index leads with the mediator, the
committee or the area, and behind it stand the state and the time; so a list is walked piece by
piece, however many cases there are. Every piece is narrowed to what the relation covers, with the
conditions by which a single look is answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, not_, select
from sqlalchemy.orm import Session as OrmSession

from services.mediation.lifecycle import State
from services.mediation.models import Mediation
from services.mediation.policy import POLICY, READ
from services.mediation.queries.cases import Listed, with_names
from services.mediation.relations import (
    conditions,
    offered,
    opened_by,
    rooms_of,
    within_scope,
)
from shared.auth.actor import Viewer
from shared.auth.relations import Relation
from shared.db.areas import areas_within, narrowed, within
from shared.db.scope import Conditions, decided, in_any, is_theirs, undenied
from shared.db.walks import MOST_PIECES, Walk, counted, unindexed, walked
from shared.messaging.replica import directory

COUNTED = 100
"""Counts stop here: how many more makes no difference."""

STATES = tuple(str(state) for state in State)

Condition = ColumnElement[bool]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """``after``: the place of the last row that was seen. The newest come first, unless
    ``longest_first``: then those that have been in their state for longest.
    """

    state: str | None = None
    route: str | None = None
    area: str | None = None
    mediator: str | None = None
    longest_first: bool = False
    after: tuple[datetime, UUID] | None = None
    limit: int = 50


def mediations(session: OrmSession, viewer: Viewer, wanted: Filters) -> Sequence[Listed]:
    """Those that the actor may see."""
    walk = Walk(limit=wanted.limit, after=wanted.after, oldest_first=wanted.longest_first)
    pieces = [piece for _, piece in pieces_of(session, viewer, wanted, _states(wanted))]
    query = walked(Mediation, Mediation.since, Mediation.case_id, pieces, walk)
    snapshot = directory(session)
    return [with_names(found, snapshot) for found in session.scalars(query)]


def counts(session: OrmSession, viewer: Viewer, wanted: Filters) -> Mapping[str, int]:
    """How many there are in each state, up to ``COUNTED``; the filters' own state is left out."""
    pieces = pieces_of(session, viewer, wanted, STATES)
    return dict.fromkeys(STATES, 0) | counted(session, Mediation, pieces, most=COUNTED)


def numbered(session: OrmSession, viewer: Viewer, number: str) -> UUID | None:
    """The case with this number; None also for one that the actor may not know of."""
    theirs = decided(within_scope(viewer, READ))
    return session.scalars(
        select(Mediation.case_id).where(Mediation.number == number, theirs)
    ).first()


def _states(wanted: Filters) -> Sequence[str]:
    return STATES if wanted.state is None else (wanted.state,)


def pieces_of(
    session: OrmSession, viewer: Viewer, wanted: Filters, states: Sequence[str]
) -> Iterator[tuple[str, Sequence[Condition]]]:
    """State and conditions, also for other lists of what the actor may see. No case is in two
    pieces: each relation leaves out what the ones before it cover.
    """
    known = conditions(viewer)
    always = [*undenied(known), *_filters(wanted)]
    before: list[Condition] = []
    for relation in sorted(POLICY.relations(viewer.actor, READ)):
        for lead in _leads(session, viewer, wanted, relation, known):
            for state in states:
                yield state, [*lead, Mediation.state == state, *always, *before]
        before.append(not_(decided(known[relation])))


def _leads(
    session: OrmSession, viewer: Viewer, wanted: Filters, relation: Relation, known: Conditions
) -> Iterator[Sequence[Condition]]:
    """The first columns of an index, and what of them the relation covers."""
    match relation:
        case Relation.AREA:
            yield from _areas(session, viewer, wanted)
        case Relation.COMMITTEE if wanted.mediator is not None:
            theirs = is_theirs(unindexed(Mediation.committee_id), viewer.actor.organisation_id)
            yield Mediation.mediator_id == wanted.mediator, theirs
        case Relation.OFFERED:
            theirs = is_theirs(unindexed(Mediation.committee_id), viewer.actor.organisation_id)
            yield *offered(), theirs
        case Relation.ROOM:
            yield (Mediation.case_id.in_(rooms_of(viewer)),)
        case Relation.OPENED:
            yield (Mediation.case_id.in_(opened_by(viewer)),)
        case _:
            yield (known[relation],)


def _areas(session: OrmSession, viewer: Viewer, wanted: Filters) -> Iterator[Sequence[Condition]]:
    """Each area that occurs within theirs; all at once where they are too many to walk, but then
    they hold so much that any walk finds a page at once.
    """
    most = MOST_PIECES // len(STATES)
    found: set[str] = set()
    for area in narrowed(viewer.actor.areas, wanted.area):
        inner = areas_within(session, Mediation.area, area, most=most)
        if inner is None or len(found | set(inner)) > most:
            yield (in_any(unindexed(Mediation.area), viewer.actor.areas),)
            return
        found |= set(inner)
    for area in sorted(found):
        yield (Mediation.area == area,)


def _filters(wanted: Filters) -> Iterator[Condition]:
    """What no index is to be chosen for."""
    if wanted.route is not None:
        yield unindexed(Mediation.route) == wanted.route
    if wanted.area is not None:
        yield within(unindexed(Mediation.area), wanted.area)
    if wanted.mediator is not None:
        yield unindexed(Mediation.mediator_id) == wanted.mediator
