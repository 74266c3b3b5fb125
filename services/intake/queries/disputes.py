"""Disputes as they are shown: codes to those who may see them, particulars to who filed them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from services.intake.models.filed import FiledDispute, Handling, Party, Place
from services.intake.models.numbers import DISPUTE, registration_number, running_number
from services.intake.models.seals import Seals
from services.intake.models.tables import disputes
from services.intake.policy import AUDIT_DISPUTE, POLICY, READ_DISPUTE
from services.intake.queries.holders import Holder, holders
from services.intake.queries.lists import Filters, Reach, one, page_of, row_of
from services.intake.relations import of_dispute
from shared.auth.actor import Viewer
from shared.auth.masks import MINOR, PEOPLE, masked_minor, masked_name, masked_phone
from shared.auth.policy import FULL
from shared.auth.relations import Relation
from shared.db.scope import relations_of
from shared.db.walks import unindexed
from shared.errors import NotFound
from shared.events.intake import CaseFacts, Danger, HandledBefore, PublicInterest
from shared.messaging.replica import Directory, directory
from shared.words import codes


@dataclass(frozen=True, kw_only=True)
class DisputeFilters(Filters):
    """``category`` of the first level also finds those of the second."""

    category: str | None = None


@dataclass(frozen=True, kw_only=True)
class DisputeShown:
    """A dispute in a list. ``mine``: whoever asks has filed it."""

    case_id: UUID
    registration_no: str
    category: str
    area: str
    grid: str | None
    filed_at: datetime
    state: str
    route: str | None
    outcome: str | None
    sessions: int
    holders: tuple[Holder, ...]
    parties: tuple[Party, ...]
    changed_at: datetime
    version: int
    mine: bool


@dataclass(frozen=True, kw_only=True)
class DisputeInFull(DisputeShown):
    """One dispute. ``own`` holds what only its filer sees."""

    origin: str
    since: date | None
    amount: Decimal | None
    handled_before: tuple[HandledBefore, ...]
    danger: Danger
    facts: CaseFacts
    public_interest: PublicInterest
    own: "OwnDispute | None"


@dataclass(frozen=True, kw_only=True)
class OwnDispute:
    narrative: str
    claims: tuple[str, ...]
    place: Place
    handled_before: tuple[Handling, ...]
    summary: str | None


def disputes_shown(
    session: Session, seals: Seals, viewer: Viewer, wanted: DisputeFilters
) -> tuple[Sequence[DisputeShown], str | None]:
    """The newest first, and the cursor of the next page if there is one."""
    rows, following = page_of(session, _reach(viewer), wanted, _kind(wanted))
    known = directory(session)
    shown = [
        DisputeShown(
            **_shown(row, seals.open_dispute(row.id, row.sealed), known, viewer, relations_of(row))
        )
        for row in rows
    ]
    return shown, following


def dispute_in_full(session: Session, seals: Seals, viewer: Viewer, case_id: UUID) -> DisputeInFull:
    """Raises NotFound."""
    found = one(session, _reach(viewer), case_id)
    row = row_of(session, disputes, case_id)
    filed = seals.open_dispute(row.id, row.sealed)
    return DisputeInFull(
        **_shown(row, filed, directory(session), viewer, found.relations),
        origin=filed.origin,
        since=filed.since,
        amount=filed.amount,
        handled_before=tuple(handling.facts() for handling in filed.handled_before),
        danger=filed.danger,
        facts=filed.facts,
        public_interest=filed.public_interest,
        own=_own(filed) if found.decision.mask == FULL else None,
    )


def dispute_numbered(session: Session, viewer: Viewer, number: str) -> UUID | None:
    """The dispute with this number; None also for one that the actor may not know of."""
    columns = disputes.c
    query = select(columns.id, columns.area, columns.filed_at, columns.seq).where(
        columns.seq == running_number(number)
    )
    row = session.execute(query).first()
    if row is None or _number(row) != number:
        return None
    try:
        return one(session, _reach(viewer), row.id).row
    except NotFound:
        return None


def dossier(session: Session, seals: Seals, case_id: UUID) -> Mapping[str, object]:
    """What mediation copies: the parties and texts, nothing of a lead. Raises NotFound."""
    row = row_of(session, disputes, case_id)
    filed = seals.open_dispute(row.id, row.sealed)
    return {
        "case_id": row.id,
        "registration_no": _number(row),
        "filed_at": row.filed_at,
        "category": filed.category,
        "place": filed.place,
        "narrative": filed.narrative,
        "claims": filed.claims,
        "amount": filed.amount,
        "since": filed.since,
        "parties": filed.parties,
        "handled_before": filed.handled_before,
        "secrecy": filed.secrecy,
    }


def check_audit_of_dispute(session: Session, viewer: Viewer, case_id: UUID) -> None:
    """Raises NotFound for who may not know who saw it."""
    one(session, _reach(viewer, AUDIT_DISPUTE), case_id)


def _reach(viewer: Viewer, action: str = READ_DISPUTE) -> Reach:
    return Reach(
        table=disputes,
        viewer=viewer,
        action=action,
        conditions=of_dispute(viewer.actor),
    )


def _kind(wanted: DisputeFilters) -> list[ColumnElement[bool]]:
    """A category of the first level stands for each that lies in it."""
    if wanted.category is None:
        return []
    category = unindexed(disputes.c.category)
    if "." in wanted.category:
        return [category == wanted.category]
    inside = [code for code in codes("category") if code.startswith(f"{wanted.category}.")]
    return [category.in_((wanted.category, *inside))]


def _number(row: Row[*tuple[Any, ...]]) -> str:
    return registration_number(DISPUTE, row.area, row.filed_at, row.seq)


def _shown(
    row: Row[*tuple[Any, ...]],
    filed: FiledDispute,
    known: Directory,
    viewer: Viewer,
    relations: frozenset[Relation],
) -> dict[str, Any]:
    full = POLICY.decide(viewer.actor, READ_DISPUTE, relations).mask == FULL
    return {
        "case_id": row.id,
        "registration_no": _number(row),
        "category": row.category,
        "area": row.area,
        "grid": row.grid,
        "filed_at": row.filed_at,
        "state": row.state,
        "route": row.route,
        "outcome": row.outcome,
        "sessions": row.sessions,
        "holders": holders(
            known,
            (
                ("organisation", row.organisation_id),
                ("mediator", row.mediator_id),
                ("prosecutor", row.prosecutor_id),
            ),
        ),
        "parties": filed.parties if full else tuple(_masked(filed.parties)),
        "changed_at": row.changed_at,
        "version": row.version,
        "mine": Relation.OWN in relations,
    }


def _masked(parties: Sequence[Party]) -> Iterator[Party]:
    children = 0
    for party in parties:
        child = MINOR in party.vulnerable
        yield Party(
            side=party.side,
            kind=party.kind,
            name=masked_minor(children) if child else _name(party),
            phone=masked_phone(party.phone) if party.phone and not child else None,
            vulnerable=party.vulnerable,
            consent=party.consent,
        )
        children += child


def _name(party: Party) -> str | None:
    """Masked unless it is the name of an organisation."""
    if party.name is None or party.kind not in PEOPLE:
        return party.name
    return masked_name(party.name)


def _own(filed: FiledDispute) -> OwnDispute:
    return OwnDispute(
        narrative=filed.narrative,
        claims=filed.claims,
        place=filed.place,
        handled_before=filed.handled_before,
        summary=filed.summary,
    )
