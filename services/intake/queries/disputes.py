"""Disputes as they are shown: codes to those who may see them, particulars to who filed them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, or_
from sqlalchemy.orm import Session

from services.intake.models.filed import FiledDispute, Handling, Party, Place
from services.intake.models.masks import masked_phone, shown_name
from services.intake.models.numbers import DISPUTE, registration_number
from services.intake.models.seals import Seals
from services.intake.models.tables import disputes
from services.intake.policy import sees_all_disputes
from services.intake.queries.holders import Holder, holders
from services.intake.queries.lists import Filters, one, page_of, theirs
from shared.auth.actor import Actor
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
    session: Session, seals: Seals, actor: Actor, wanted: DisputeFilters
) -> tuple[Sequence[DisputeShown], str | None]:
    """The newest first, and the cursor of the next page if there is one."""
    alternatives = [*_scope(actor), *_within(wanted)]
    theirs_only = wanted.mine or not sees_all_disputes(actor)
    rows, following = page_of(
        session,
        disputes,
        wanted,
        _conditions(actor, wanted),
        alternatives,
        theirs_only=theirs_only,
    )
    known = directory(session)
    shown = [
        DisputeShown(**_shown(row, seals.open_dispute(row.id, row.sealed), known, actor))
        for row in rows
    ]
    return shown, following


def dispute_in_full(session: Session, seals: Seals, actor: Actor, case_id: UUID) -> DisputeInFull:
    """Raises NotFound."""
    row = one(session, disputes, case_id, [or_(false(), *each) for each in _scope(actor)])
    filed = seals.open_dispute(row.id, row.sealed)
    shown = _shown(row, filed, directory(session), actor)
    return DisputeInFull(
        **shown,
        origin=filed.origin,
        since=filed.since,
        amount=filed.amount,
        handled_before=tuple(handling.facts() for handling in filed.handled_before),
        danger=filed.danger,
        facts=filed.facts,
        public_interest=filed.public_interest,
        own=_own(filed) if shown["mine"] else None,
    )


def dossier(session: Session, seals: Seals, case_id: UUID) -> Mapping[str, object]:
    """What mediation copies: the parties and texts, nothing of a lead. Raises NotFound."""
    row = one(session, disputes, case_id)
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


def _conditions(actor: Actor, wanted: DisputeFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.mine:
        found.append(theirs((disputes.c.filer, _filer(actor))))
    if wanted.category is not None and "." in wanted.category:
        found.append(disputes.c.category == wanted.category)
    return found


def _within(wanted: DisputeFilters) -> list[Sequence[ColumnElement[bool]]]:
    """A category of the first level stands for each that lies in it."""
    if wanted.category is None or "." in wanted.category:
        return []
    inside = [code for code in codes("category") if code.startswith(f"{wanted.category}.")]
    return [[disputes.c.category == code for code in (wanted.category, *inside)]]


def _scope(actor: Actor) -> list[Sequence[ColumnElement[bool]]]:
    """Out of it looks like absent. A mediator needs no part in it: mediators see all."""
    if sees_all_disputes(actor):
        return []
    who = _filer(actor)
    if who is None:
        return [[]]
    return [[disputes.c.filer == who, disputes.c.prosecutor_id == who]]


def _filer(actor: Actor) -> str | None:
    return actor.id if actor.signed_in else None


def _number(row: Row[Any]) -> str:
    return registration_number(DISPUTE, row.area, row.filed_at, row.seq)


def _shown(row: Row[Any], filed: FiledDispute, known: Directory, actor: Actor) -> dict[str, Any]:
    mine = row.filer is not None and row.filer == _filer(actor)
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
        "parties": filed.parties if mine else tuple(_masked(party) for party in filed.parties),
        "changed_at": row.changed_at,
        "version": row.version,
        "mine": mine,
    }


def _masked(party: Party) -> Party:
    return Party(
        side=party.side,
        kind=party.kind,
        name=shown_name(party),
        phone=masked_phone(party.phone) if party.phone else None,
        vulnerable=party.vulnerable,
        consent=party.consent,
    )


def _own(filed: FiledDispute) -> OwnDispute:
    return OwnDispute(
        narrative=filed.narrative,
        claims=filed.claims,
        place=filed.place,
        handled_before=filed.handled_before,
        summary=filed.summary,
    )
