"""Leads: lists of them, how many there are, and one of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, not_, select
from sqlalchemy.orm import Session

from services.referral.lifecycle import LeadState
from services.referral.models import Lead
from services.referral.policy import POLICY, READ
from services.referral.relations import leads_within, load_lead, of_lead, opened_by, sent_to
from shared.auth.actor import Viewer
from shared.auth.relations import Relation
from shared.db.areas import areas_within, narrowed, within
from shared.db.scope import decided, in_any, undenied
from shared.db.walks import MOST_PIECES, Walk, counted, unindexed, walked
from shared.messaging.replica import Directory, Named, area_named, directory, named

COUNTED = 1000
"""Counts stop here: nobody works through more."""
FEW = 500
"""So many that were sent to somebody are looked for one by one."""

Condition = ColumnElement[bool]


@dataclass(frozen=True, kw_only=True)
class LeadFilters:
    """``after``: the place of the last row that was seen. The newest come first, unless
    ``longest_first``: then those that were filed first. ``either``: any of these will do; each is
    walked by itself, so each should begin with a state.
    """

    state: str | None = None
    route: str | None = None
    field: str | None = None
    area: str | None = None
    longest_first: bool = False
    either: Sequence[Sequence[Condition]] = ((),)
    after: tuple[datetime, UUID] | None = None
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who has the lead: an agency, a named person at a procuratorate, or the referral officer."""

    organisation: Named | None
    member: Named | None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A lead as a row of a list; ``holder`` is None when nobody has anything to do any more."""

    lead_id: UUID
    number: str
    origin: str
    area: Named
    grid: Named | None
    category: str | None
    field: str | None
    duty: str | None
    route: str
    rule: str
    urgent: bool
    state: str
    outcome: str | None
    holder: Holder | None
    officer: Named | None
    registered_at: datetime
    changed_at: datetime
    version: int


_SAME = {field.name for field in fields(Listed)} - {"area", "grid", "holder", "officer"}


def leads(session: Session, viewer: Viewer, wanted: LeadFilters) -> Sequence[Listed]:
    """Those within the actor's reach."""
    walk = Walk(limit=wanted.limit, after=wanted.after, oldest_first=wanted.longest_first)
    pieces = _pieces(session, viewer, wanted)
    query = walked(Lead, Lead.registered_at, Lead.lead_id, pieces, walk)
    known = directory(session)
    return [Listed(**row(found, known)) for found in session.scalars(query)]


def counts(
    session: Session,
    viewer: Viewer,
    wanted: LeadFilters,
    states: Sequence[LeadState] = tuple(LeadState),
) -> Mapping[str, int]:
    """How many there are in each of these states, up to ``COUNTED``; the filters' own state is
    left out.
    """
    filters = [*_filters(wanted, state=False), *_within(wanted)]
    areas = [in_any(Lead.area, viewer.actor.areas)]
    pieces = (
        (str(state), [Lead.state == str(state), *piece, *filters])
        for piece in _reached(session, viewer, areas)
        for state in states
    )
    return counted(session, Lead, pieces, most=COUNTED)


def lead(session: Session, viewer: Viewer, lead_id: UUID) -> Lead:
    """Raises NotFound, also for one out of the actor's reach."""
    return load_lead(session, viewer, READ, lead_id).row


def listed_lead(session: Session, viewer: Viewer, lead_id: UUID) -> Listed:
    """Also within the transaction that changes it. Raises NotFound, as ``lead`` does."""
    return Listed(**row(lead(session, viewer, lead_id), directory(session)))


def numbered(session: Session, viewer: Viewer, number: str) -> UUID | None:
    """Which lead within the actor's reach has this number."""
    return session.scalar(
        select(Lead.lead_id).where(Lead.number == number, leads_within(viewer, READ)).limit(1)
    )


def row(found: Lead, known: Directory) -> dict[str, Any]:
    """The values of ``Listed``."""
    return {name: getattr(found, name) for name in _SAME} | {
        "area": area_named(known, found.area),
        "grid": area_named(known, found.grid) if found.grid else None,
        "holder": _holder(found, known),
        "officer": named(known, found.officer_id),
    }


def _holder(found: Lead, known: Directory) -> Holder | None:
    if found.organisation_id is None and found.member_id is None:
        return None
    return Holder(
        organisation=named(known, found.organisation_id), member=named(known, found.member_id)
    )


def _filters(wanted: LeadFilters, *, state: bool = True) -> Iterator[Condition]:
    if state and wanted.state is not None:
        yield Lead.state == wanted.state
    if wanted.route is not None:
        yield Lead.route == wanted.route
    if wanted.field is not None:
        yield Lead.field == wanted.field


def _within(wanted: LeadFilters) -> Iterator[Condition]:
    if wanted.area is not None:
        yield within(unindexed(Lead.area), wanted.area)


def _pieces(session: Session, viewer: Viewer, wanted: LeadFilters) -> Sequence[Sequence[Condition]]:
    """Each area has an index by time, with the state and without it, and so has each field."""
    filters = [*_filters(wanted), *_within(wanted)]
    if wanted.field is not None:
        return [[leads_within(viewer, READ), *filters]]
    areas = list(narrowed(viewer.actor.areas, wanted.area))
    found = _occurring(session, areas)
    each = (
        [in_any(unindexed(Lead.area), areas)]
        if found is None
        else [Lead.area == area for area in found]
    )
    reached = list(_reached(session, viewer, each))
    return [[*turn, *piece, *filters] for piece in reached for turn in wanted.either]


def _reached(
    session: Session, viewer: Viewer, areas: Sequence[Condition]
) -> Iterator[Sequence[Condition]]:
    """What each relation reaches, without what the ones before it do; ``AREA`` by ``areas``."""
    known = of_lead(viewer)
    before = list(undenied(known))
    for relation in sorted(POLICY.relations(viewer.actor, READ)):
        if relation is Relation.AREA:
            yield from ([area, *before] for area in areas)
        else:
            yield [_few(session, viewer, relation, known[relation]), *before]
        before.append(not_(decided(known[relation])))


def _few(session: Session, viewer: Viewer, relation: Relation, condition: Condition) -> Condition:
    """By their ids where it is only some: to look for few among many, one by one, takes long."""
    opened = relation is Relation.OPENED
    sent = opened_by(viewer) if opened else sent_to(viewer, relation)
    found = set(session.scalars(sent.limit(FEW)))
    return condition if len(found) == FEW else Lead.lead_id.in_(found)


def _occurring(session: Session, areas: Sequence[str]) -> Sequence[str] | None:
    """Those that occur within; None when they are too many to be walked one by one."""
    found: set[str] = set()
    for area in areas:
        inner = areas_within(session, Lead.area, area)
        if inner is None:
            return None
        found.update(inner)
    return sorted(found) if len(found) <= MOST_PIECES else None
