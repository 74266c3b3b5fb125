"""What happened to a case here, the newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from services.mediation.models import Session, notes_place
from services.mediation.models import timeline as table
from services.mediation.policy import NOTES, READ
from services.mediation.relations import load, shown
from shared.auth.actor import Viewer
from shared.auth.sealing import Sealer
from shared.messaging.replica import Directory, Named, directory, named

MOST = 500


@dataclass(frozen=True, kw_only=True)
class SessionView:
    """``notes`` is None for those who may not read them."""

    session_no: int
    held_on: date
    parties_present: int
    joint: bool
    notes: str | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """``actor`` is None when the service itself acted."""

    event_id: UUID
    at: datetime
    event_type: str
    actor: Named | None
    role: str
    state_before: str | None
    state_after: str
    details: Mapping[str, object]
    session: SessionView | None


def timeline(session: OrmSession, viewer: Viewer, case_id: UUID, sealer: Sealer) -> Sequence[Entry]:
    """``sealer`` opens the notes of sessions. Raises NotFound."""
    told = shown(load(session, viewer, READ, case_id))
    notes = sealer if NOTES in told else None
    snapshot = directory(session)
    held = {
        found.session_no: _session(found, notes)
        for found in session.scalars(select(Session).where(Session.case_id == case_id))
    }
    rows = session.execute(
        select(table)
        .where(table.c.case_id == case_id)
        .order_by(table.c.at.desc(), table.c.event_id.desc())
        .limit(MOST)
    )
    return [
        Entry(
            event_id=row.event_id,
            at=row.at,
            event_type=row.event_type,
            actor=None if row.role.startswith("service:") else named(snapshot, row.actor),
            role=row.role,
            state_before=row.state_before,
            state_after=row.state_after,
            details=_told(row.details, snapshot),
            session=held.get(row.details.get("session_no")),
        )
        for row in rows
    ]


def _session(found: Session, notes: Sealer | None) -> SessionView:
    place = notes_place(found.case_id, found.session_no)
    return SessionView(
        session_no=found.session_no,
        held_on=found.held_on,
        parties_present=found.parties_present,
        joint=found.joint,
        notes=notes.open(found.notes, about=place).decode() if notes else None,
    )


def _told(details: Mapping[str, Any], snapshot: Directory) -> Mapping[str, object]:
    """With the names of members instead of their ids."""
    return {name: _read(name, value, snapshot) for name, value in details.items()}


def _read(name: str, value: Any, snapshot: Directory) -> object:
    match name:
        case "member" | "prosecutor":
            return named(snapshot, value)
        case "day":
            return date.fromisoformat(value)
        case _:
            return value
