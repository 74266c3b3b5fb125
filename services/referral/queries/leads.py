"""Leads: lists of them, how many there are, and one of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.referral.lifecycle import LeadState
from services.referral.models import (
    Lead,
    few_leads_of,
    leads_of,
    reached_areas,
)
from shared.auth.actor import Actor
from shared.db.areas import areas_within, within
from shared.db.walks import MOST_PIECES, Walk, counted, unindexed, walked
from shared.errors import NotFound
from shared.messaging.replica import Directory, Named, area_named, directory, named

COUNTED = 1000
"""Counts stop here: nobody works through more."""


@dataclass(frozen=True, kw_only=True)
class LeadFilters:
    """``after``: the place of the last row that was seen. The newest come first, unless
    ``longest_first``: then those that were filed first.
    """

    state: str | None = None
    route: str | None = None
    field: str | None = None
    area: str | None = None
    longest_first: bool = False
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


def leads(session: Session, wanted: LeadFilters, by: Actor) -> Sequence[Listed]:
    """Those within the actor's reach."""
    walk = Walk(limit=wanted.limit, after=wanted.after, oldest_first=wanted.longest_first)
    pieces = _pieces(session, wanted, by)
    query = walked(Lead, Lead.registered_at, Lead.lead_id, pieces, walk)
    known = directory(session)
    return [Listed(**row(found, known)) for found in session.scalars(query)]


def counts(session: Session, wanted: LeadFilters, by: Actor) -> Mapping[str, int]:
    """How many there are in each state, up to ``COUNTED``; the filters' own state is left out."""
    conditions = [few_leads_of(session, by), *_filters(wanted, state=False)]
    if wanted.area is not None:
        conditions.append(within(Lead.area, wanted.area))
    pieces = ((str(state), [Lead.state == state, *conditions]) for state in LeadState)
    return counted(session, Lead, pieces, most=COUNTED)


def lead(session: Session, lead_id: UUID, by: Actor) -> Lead:
    """Raises NotFound, also for one out of the actor's reach."""
    found = session.scalar(select(Lead).where(Lead.lead_id == lead_id, leads_of(by)))
    if found is None:
        raise NotFound("There is no such record.")
    return found


def listed_lead(session: Session, lead_id: UUID, by: Actor) -> Listed:
    """Also within the transaction that changes it. Raises NotFound, as ``lead`` does."""
    return Listed(**row(lead(session, lead_id, by), directory(session)))


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


def _filters(wanted: LeadFilters, *, state: bool = True) -> Iterator[ColumnElement[bool]]:
    if state and wanted.state is not None:
        yield Lead.state == wanted.state
    if wanted.route is not None:
        yield Lead.route == wanted.route
    if wanted.field is not None:
        yield Lead.field == wanted.field


def _pieces(
    session: Session, wanted: LeadFilters, by: Actor
) -> Sequence[Sequence[ColumnElement[bool]]]:
    """Each area has an index by time, with the state and without it; who reaches leads by their
    area looks into each area that occurs.
    """
    reached = reached_areas(by)
    filters = list(_filters(wanted))
    if wanted.field is None and reached is not None:
        areas = _areas(session, {wanted.area} if wanted.area else reached, reached)
        if areas is not None:
            return [[Lead.area == area, *filters] for area in areas]
    within_it = [within(unindexed(Lead.area), wanted.area)] if wanted.area else []
    return [[few_leads_of(session, by), *filters, *within_it]]


def _areas(session: Session, wanted: Iterable[str], reached: Iterable[str]) -> Sequence[str] | None:
    """Those that occur within both; None when they are too many to be walked one by one."""
    found: set[str] = set()
    for area in wanted:
        inner = areas_within(session, Lead.area, area)
        if inner is None:
            return None
        found.update(each for each in inner if each.startswith(tuple(reached)))
    return sorted(found) if len(found) <= MOST_PIECES else None
