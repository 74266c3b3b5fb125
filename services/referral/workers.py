"""Work that nobody asks for: copying what was written about new leads from intake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select, update

from services.referral.models import TEXT_PURPOSE, TEXTS, LeadText
from services.referral.queries.texts import Copied
from shared.auth.keys import Keyring
from shared.auth.sealing import Sealer
from shared.db import Database
from shared.errors import AppError, NotFound
from shared.service import Workplace

BATCH = 20
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)
MISSING_WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class _Due:
    lead_id: UUID
    attempts: int


@dataclass(frozen=True)
class _Fetched:
    """``sealed`` None: it could not be had; ``wait`` says how long to leave it."""

    due: _Due
    sealed: bytes | None = None
    wait: timedelta | None = None


_WRITE = (
    update(TEXTS)
    .where(TEXTS.c.lead_id == bindparam("of"), TEXTS.c.sealed.is_(None))
    .values({name: bindparam(name) for name in ("sealed", "copied_at", "attempts")})
    .values(next_try=bindparam("then"))
)


def copy_texts(workplace: Workplace) -> bool:
    """Fetch what is due, a bounded number; says whether there may be more.

    A text that cannot be had stays pending and is tried again, ever more slowly. When intake is
    away, nothing more is asked of it this time.
    """
    due = _due(workplace)
    if not due:
        return False
    sealer = Sealer(Keyring(workplace.settings.keys).secret("referral"), TEXT_PURPOSE)
    fetched: list[_Fetched] = []
    away = False
    for each in due:
        try:
            fetched.append(_fetch(workplace, each, sealer))
        except AppError:
            away = True
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(each.attempts, 10))
            fetched.append(_Fetched(each, wait=wait))
            break
    _write(workplace.database, fetched)
    return len(due) == BATCH and not away


def _due(workplace: Workplace) -> Sequence[_Due]:
    with workplace.database.reading() as session:
        rows = session.execute(
            select(LeadText.lead_id, LeadText.attempts)
            .where(LeadText.next_try <= workplace.clock())
            .order_by(LeadText.next_try)
            .limit(BATCH)
        )
        return [_Due(row.lead_id, row.attempts) for row in rows]


def _fetch(workplace: Workplace, due: _Due, sealer: Sealer) -> _Fetched:
    """Only what is known to be needed is kept. Raises AppError when intake is away."""
    try:
        found = workplace.internal.get("intake", f"/internal/v1/leads/{due.lead_id}/texts")
        copied = msgspec.convert(found, Copied)
    except (NotFound, msgspec.ValidationError):
        # Intake does not know it, or answers something else: that is not going to change soon.
        return _Fetched(due, wait=MISSING_WAIT)
    sealed = sealer.seal(msgspec.json.encode(copied), about=str(due.lead_id))
    return _Fetched(due, sealed=sealed)


def _write(database: Database, fetched: Sequence[_Fetched]) -> None:
    with database.transaction() as tx:
        tx.execute(
            _WRITE,
            [
                {
                    "of": each.due.lead_id,
                    "sealed": each.sealed,
                    "copied_at": tx.now if each.sealed else None,
                    "attempts": each.due.attempts + 1,
                    "then": None if each.wait is None else tx.now + each.wait,
                }
                for each in fetched
            ],
        )
