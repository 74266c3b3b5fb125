"""What happened to a lead here, the newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.referral.models import timeline as table
from shared.messaging.replica import Directory, Named, directory, named

MOST = 500
NAMED = frozenset({"agency_id", "procuratorate_id", "member_id"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """``actor`` is None when the service itself acted. ``details`` are the event's own codes."""

    event_id: UUID
    at: datetime
    event_type: str
    actor: Named | None
    role: str
    state_before: str | None
    state_after: str
    details: Mapping[str, object]


def timeline(session: Session, lead_id: UUID) -> Sequence[Entry]:
    """Whoever asks may read the lead: check that first."""
    known = directory(session)
    rows = session.execute(
        select(table)
        .where(table.c.lead_id == lead_id)
        .order_by(table.c.at.desc(), table.c.event_id.desc())
        .limit(MOST)
    )
    return [
        Entry(
            event_id=row.event_id,
            at=row.at,
            event_type=row.event_type,
            actor=None if row.role.startswith("service:") else named(known, row.actor),
            role=row.role,
            state_before=row.state_before,
            state_after=row.state_after,
            details=_told(row.details, known),
        )
        for row in rows
    ]


def _told(details: Mapping[str, str], known: Directory) -> Mapping[str, object]:
    """With names instead of ids of the directory: ``agency_id`` becomes ``agency``."""
    return {
        name.removesuffix("_id") if name in NAMED else name: named(known, value)
        if name in NAMED
        else value
        for name, value in details.items()
    }
