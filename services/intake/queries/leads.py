"""Leads as they are shown: codes to those who may see them, the text to who filed them, and to
nobody who told it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from services.intake.models.filed import FiledLead, Place, Suspect
from services.intake.models.numbers import LEAD, registration_number
from services.intake.models.seals import Seals
from services.intake.models.tables import leads
from services.intake.policy import AUDIT_LEAD, POLICY, READ_LEAD
from services.intake.queries.holders import Holder, holders
from services.intake.queries.lists import Filters, Reach, one, page_of, row_of
from services.intake.relations import of_lead
from shared.auth.actor import Viewer
from shared.auth.policy import FULL
from shared.auth.relations import Relation
from shared.db.scope import relations_of
from shared.db.walks import unindexed
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
    session: Session, seals: Seals, viewer: Viewer, wanted: LeadFilters
) -> tuple[Sequence[LeadShown], str | None]:
    """The newest first, and the cursor of the next page if there is one."""
    kind = [] if wanted.field is None else [unindexed(leads.c.field) == wanted.field]
    rows, following = page_of(session, _reach(viewer, seals), wanted, kind)
    known = directory(session)
    return [LeadShown(**_shown(row, known, viewer, relations_of(row))) for row in rows], following


def lead_in_full(session: Session, seals: Seals, viewer: Viewer, lead_id: UUID) -> LeadInFull:
    """Raises NotFound."""
    found = one(session, _reach(viewer, seals), lead_id)
    row = row_of(session, leads, lead_id)
    filed = seals.open_lead(row.id, row.sealed)
    return LeadInFull(
        **_shown(row, directory(session), viewer, found.relations),
        origin=filed.origin,
        since=filed.since,
        handled_before=tuple(handling.facts() for handling in filed.handled_before),
        danger=filed.danger,
        facts=filed.facts,
        public_interest=filed.public_interest,
        own=_own(filed) if found.decision.mask == FULL else None,
    )


def lead_texts(session: Session, seals: Seals, lead_id: UUID) -> Mapping[str, object]:
    """What a referral officer must read in order to judge; never who told it. Raises NotFound."""
    row = row_of(session, leads, lead_id)
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


def check_audit_of_lead(session: Session, viewer: Viewer, seals: Seals, lead_id: UUID) -> None:
    """Raises NotFound for who may not know who saw it."""
    one(session, _reach(viewer, seals, AUDIT_LEAD), lead_id)


def _reach(viewer: Viewer, seals: Seals, action: str = READ_LEAD) -> Reach:
    return Reach(
        table=leads,
        viewer=viewer,
        action=action,
        conditions=of_lead(viewer.actor, seals),
    )


def _number(row: Row[*tuple[Any, ...]]) -> str:
    return registration_number(LEAD, row.area, row.filed_at, row.seq)


def _shown(
    row: Row[*tuple[Any, ...]],
    known: Directory,
    viewer: Viewer,
    relations: frozenset[Relation],
) -> dict[str, Any]:
    """``mine`` only for those who keep a view of what they filed."""
    full = POLICY.decide(viewer.actor, READ_LEAD, relations).mask == FULL
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
        "mine": full,
    }


def _own(filed: FiledLead) -> OwnLead:
    return OwnLead(narrative=filed.narrative, place=filed.place, suspect=filed.suspect)
