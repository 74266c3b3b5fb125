"""Declared conflicts of interest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.models import Conflict
from shared.auth.sealing import Sealer


@dataclass(frozen=True, kw_only=True)
class ConflictView:
    """``words`` are opened: only for the member, and for who administers the organisation."""

    id: str
    kind: str
    organisation_id: str | None
    words: str | None
    valid_from: date
    valid_to: date | None


def conflicts(session: Session, member_id: str, sealer: Sealer) -> Sequence[ConflictView]:
    """Of one member, the newest first."""
    found = session.scalars(
        select(Conflict)
        .where(Conflict.member_id == member_id)
        .order_by(Conflict.declared_at.desc(), Conflict.id)
    )
    return [
        ConflictView(
            id=one.id,
            kind=one.kind,
            organisation_id=one.organisation_id,
            words=None if one.words is None else sealer.open(one.words, about=one.id).decode(),
            valid_from=one.valid_from,
            valid_to=one.valid_to,
        )
        for one in found
    ]
