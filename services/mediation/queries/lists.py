"""Lists of mediations, and how many there are in each state.

An index leads with a mediator, an area or a route; behind it stand the state and the time. So a
list is walked piece by piece, one for each state (and each area within an area), however many
cases there are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as OrmSession

from services.mediation.lifecycle import State
from services.mediation.models import Mediation
from services.mediation.queries.cases import Listed, has_room, with_names
from services.mediation.routing import Route
from shared.db.areas import areas_within, within
from shared.db.walks import MOST_PIECES, Walk, counted, unindexed, walked
from shared.messaging.replica import directory

COUNTED = 100
"""Counts stop here: how many more makes no difference."""

STATES = tuple(str(state) for state in State)


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
class _Lead:
    """What leads the index that is walked, and the values that are wanted of it."""

    column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
    values: Sequence[str]


def mediations(session: OrmSession, wanted: Filters) -> Sequence[Listed]:
    walk = Walk(limit=wanted.limit, after=wanted.after, oldest_first=wanted.longest_first)
    pieces = list(_pieces(session, wanted))
    query = walked(Mediation, Mediation.since, Mediation.case_id, pieces, walk)
    snapshot = directory(session)
    return [with_names(found, snapshot) for found in session.scalars(query)]


def counts(session: OrmSession, wanted: Filters) -> Mapping[str, int]:
    """How many there are in each state, up to ``COUNTED``; the filters' own state is left out."""
    lead = _lead(session, wanted)
    rest = list(_rest(wanted, lead))
    pieces = (
        (state, [*first, Mediation.state == state, *rest])
        for state in STATES
        for first in _first(lead)
    )
    return dict.fromkeys(STATES, 0) | counted(session, Mediation, pieces, most=COUNTED)


def _pieces(session: OrmSession, wanted: Filters) -> Iterator[Sequence[ColumnElement[bool]]]:
    lead = _lead(session, wanted)
    rest = list(_rest(wanted, lead))
    if lead is None and wanted.state is None:
        yield rest
        return
    states = STATES if wanted.state is None else (wanted.state,)
    for first in _first(lead):
        yield from ([*first, Mediation.state == state, *rest] for state in states)


def _lead(session: OrmSession, wanted: Filters) -> _Lead | None:
    """The narrowest of the filters that can lead."""
    if wanted.mediator is not None:
        return _Lead(column=Mediation.mediator_id, values=[wanted.mediator])
    if wanted.area is not None:
        most = MOST_PIECES // len(STATES)
        areas = areas_within(session, Mediation.area, wanted.area, most=most)
        if areas is not None:
            return _Lead(column=Mediation.area, values=areas)
    if wanted.rooms_only:
        return _Lead(column=Mediation.route, values=[Route.JOINT_ROOM])
    if wanted.route is not None:
        return _Lead(column=Mediation.route, values=[wanted.route])
    return None


def _first(lead: _Lead | None) -> Iterator[Sequence[ColumnElement[bool]]]:
    if lead is None:
        yield []
    else:
        yield from ([lead.column == value] for value in lead.values)


def _rest(wanted: Filters, lead: _Lead | None) -> Iterator[ColumnElement[bool]]:
    """What no index is to be chosen for: the filters besides the one that leads."""
    if wanted.route is not None:
        yield unindexed(Mediation.route) == wanted.route
    if wanted.rooms_only:
        yield unindexed(Mediation.route) == str(Route.JOINT_ROOM)
        yield has_room()
    if wanted.area is not None and (lead is None or lead.column is not Mediation.area):
        yield within(unindexed(Mediation.area), wanted.area)
