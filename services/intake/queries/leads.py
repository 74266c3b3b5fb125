"""Leads as they are shown: codes to those who may see them, the text to who filed them, and to
nobody who told it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, or_
from sqlalchemy.orm import Session

from services.intake.models.filed import FiledLead, Place, Suspect
from services.intake.models.numbers import LEAD, registration_number
from services.intake.models.seals import Seals
from services.intake.models.tables import leads
from services.intake.policy import sees_all_leads
from services.intake.queries.holders import Holder, holders
from services.intake.queries.lists import Filters, one, page_of, theirs
from shared.auth.actor import Actor
from shared.events.intake import CaseFacts, Danger, HandledBefore, PublicInterest
from shared.messaging.replica import Directory, directory


@dataclass(frozen=True, kw_only=True)
class LeadFilters(Filters):
    field: str | None = None


@dataclass(frozen=True, kw_only=True)
class LeadShown:
    """A lead in a list. ``mine``: whoever asks has filed it."""

    lead_id: UUID
    registration_no: str
    field: str | None
    area: str
    grid: str | None
    filed_at: datetime
    state: str
    route: str | None
    order_state: str | None
    review_state: str | None
    outcome: str | None
    holders: tuple[Holder, ...]
    changed_at: datetime
    version: int
    mine: bool


@dataclass(frozen=True, kw_only=True)
class LeadInFull(LeadShown):
    """One lead. ``own`` holds what only its filer sees."""

    origin: str
    since: date | None
    handled_before: tuple[HandledBefore, ...]
    danger: Danger
    facts: CaseFacts
    public_interest: PublicInterest
    own: "OwnLead | None"


@dataclass(frozen=True, kw_only=True)
class OwnLead:
    narrative: str | None
    place: Place
    suspect: Suspect | None


def leads_shown(
    session: Session, seals: Seals, actor: Actor, wanted: LeadFilters
) -> tuple[Sequence[LeadShown], str | None]:
    """The newest first, and the cursor of the next page if there is one."""
    filer = seals.filer_of_lead(actor)
    conditions: list[ColumnElement[bool]] = []
    if wanted.mine:
        conditions.append(theirs((leads.c.filer, filer)))
    if wanted.field is not None:
        conditions.append(leads.c.field == wanted.field)
    theirs_only = wanted.mine or not sees_all_leads(actor)
    rows, following = page_of(
        session, leads, wanted, conditions, _scope(actor, filer), theirs_only=theirs_only
    )
    known = directory(session)
    return [LeadShown(**_shown(row, known, filer)) for row in rows], following


def lead_in_full(session: Session, seals: Seals, actor: Actor, lead_id: UUID) -> LeadInFull:
    """Raises NotFound."""
    filer = seals.filer_of_lead(actor)
    scope = [or_(false(), *each) for each in _scope(actor, filer)]
    row = one(session, leads, lead_id, scope)
    filed = seals.open_lead(row.id, row.sealed)
    shown = _shown(row, directory(session), filer)
    return LeadInFull(
        **shown,
        origin=filed.origin,
        since=filed.since,
        handled_before=tuple(handling.facts() for handling in filed.handled_before),
        danger=filed.danger,
        facts=filed.facts,
        public_interest=filed.public_interest,
        own=_own(filed) if shown["mine"] else None,
    )


def lead_texts(session: Session, seals: Seals, lead_id: UUID) -> Mapping[str, object]:
    """What a referral officer must read in order to judge; never who told it. Raises NotFound."""
    row = one(session, leads, lead_id)
    filed = seals.open_lead(row.id, row.sealed)
    return {
        "lead_id": row.id,
        "registration_no": _number(row),
        "narrative": filed.narrative,
        "suspect": filed.suspect,
        "building": filed.place.building,
        "point": filed.place.point,
        "handled_before": filed.handled_before,
    }


def _scope(actor: Actor, filer: str | None) -> list[Sequence[ColumnElement[bool]]]:
    """Out of it looks like absent."""
    if sees_all_leads(actor):
        return []
    named = ((leads.c.filer, filer), (leads.c.member_id, actor.id if actor.signed_in else None))
    return [[column == value for column, value in named if value is not None]]


def _number(row: Row[Any]) -> str:
    return registration_number(LEAD, row.area, row.filed_at, row.seq)


def _shown(row: Row[Any], known: Directory, filer: str | None) -> dict[str, Any]:
    return {
        "lead_id": row.id,
        "registration_no": _number(row),
        "field": row.field,
        "area": row.area,
        "grid": row.grid,
        "filed_at": row.filed_at,
        "state": row.state,
        "route": row.route,
        "order_state": row.order_state,
        "review_state": row.review_state,
        "outcome": row.outcome,
        "holders": holders(
            known,
            (
                ("organisation", row.organisation_id),
                ("prosecutor", row.member_id),
                ("referral_officer", row.officer_id),
            ),
        ),
        "changed_at": row.changed_at,
        "version": row.version,
        "mine": row.filer is not None and row.filer == filer,
    }


def _own(filed: FiledLead) -> OwnLead:
    return OwnLead(narrative=filed.narrative, place=filed.place, suspect=filed.suspect)
