"""What can be asked of the audit: who saw or changed a record, and what somebody did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.db.audit_tables import audit_log


@dataclass(frozen=True, kw_only=True)
class Act:
    """A row of the audit. ``actor`` is an id, or a role where the id is not told."""

    seq: int
    at: datetime
    kind: str
    actor: str
    role: str
    action: str
    resource: str | None
    mask: str | None
    fields: Sequence[str]
    filters: str | None
    reason: str | None
    outcome: str


def acts_on(
    session: Session, resources: Sequence[str], *, before: int | None = None, limit: int
) -> Sequence[Act]:
    """Who saw or changed these records, the newest first."""
    return _acts(session, audit_log.c.resource.in_(resources), before, limit)


def acts_of(
    session: Session, actor: str, *, before: int | None = None, limit: int
) -> Sequence[Act]:
    """What somebody did and saw, the newest first."""
    return _acts(session, audit_log.c.actor == actor, before, limit)


def _acts(
    session: Session, which: ColumnElement[bool], before: int | None, limit: int
) -> Sequence[Act]:
    query = select(audit_log).where(which).order_by(audit_log.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(audit_log.c.seq < before)
    return [
        Act(
            seq=row.seq,
            at=row.at,
            kind=row.kind,
            actor=row.actor,
            role=row.role,
            action=row.action,
            resource=row.resource,
            mask=row.mask,
            fields=row.fields.split(",") if row.fields else (),
            filters=row.filters,
            reason=row.reason,
            outcome=row.outcome,
        )
        for row in session.execute(query)
    ]
