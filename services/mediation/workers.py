"""Work that nobody asks for: copying the dossiers of new cases from intake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select, update

from services.mediation.models import DOSSIER, DOSSIERS, PENDING, READY, Dossier
from shared.auth.keys import Keyring
from shared.auth.sealing import Sealer
from shared.db import Database
from shared.errors import AppError, NotFound
from shared.service import Workplace

BATCH = 20
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)
MISSING_WAIT = timedelta(minutes=5)

AWAY = "away"
MISSING = "missing"


@dataclass(frozen=True)
class _Due:
    case_id: UUID
    attempts: int


@dataclass(frozen=True)
class _Fetched:
    due: _Due
    sealed: bytes | None = None
    problem: str | None = None


_WRITE = (
    update(DOSSIERS)
    .where(DOSSIERS.c.case_id == bindparam("of"), DOSSIERS.c.state == PENDING)
    .values({name: bindparam(name) for name in ("state", "sealed", "attempts", "problem")})
    .values(next_try=bindparam("then"))
)


def copy_dossiers(workplace: Workplace) -> bool:
    """Fetch what is due, a bounded number; says whether there may be more.

    A dossier that cannot be had stays pending and is tried again, ever more slowly. When intake is
    away, nothing more is asked of it this time.
    """
    due = _due(workplace)
    if not due:
        return False
    sealer = Sealer(Keyring(workplace.settings.keys).secret("mediation"), DOSSIER)
    fetched = []
    for each in due:
        fetched.append(_fetch(workplace, each, sealer))
        if fetched[-1].problem == AWAY:
            break
    _write(workplace.database, fetched)
    return len(due) == BATCH and fetched[-1].problem != AWAY


def _due(workplace: Workplace) -> Sequence[_Due]:
    with workplace.database.reading() as session:
        rows = session.execute(
            select(Dossier.case_id, Dossier.attempts)
            .where(Dossier.next_try <= workplace.clock())
            .order_by(Dossier.next_try)
            .limit(BATCH)
        )
        return [_Due(row.case_id, row.attempts) for row in rows]


def _fetch(workplace: Workplace, due: _Due, sealer: Sealer) -> _Fetched:
    try:
        found = workplace.internal.get("intake", f"/internal/v1/dossiers/{due.case_id}")
    except NotFound:
        return _Fetched(due, problem=MISSING)
    except AppError:
        return _Fetched(due, problem=AWAY)
    sealed = sealer.seal(msgspec.json.encode(found), about=str(due.case_id))
    return _Fetched(due, sealed=sealed)


def _write(database: Database, fetched: Sequence[_Fetched]) -> None:
    with database.transaction() as tx:
        tx.execute(
            _WRITE,
            [
                {
                    "of": each.due.case_id,
                    "state": READY if each.sealed else PENDING,
                    "sealed": each.sealed,
                    "attempts": each.due.attempts + 1,
                    "problem": each.problem,
                    "then": None if each.sealed else tx.now + _wait(each),
                }
                for each in fetched
            ],
        )


def _wait(fetched: _Fetched) -> timedelta:
    """Longer each time; intake that does not know the case is not going to know it soon."""
    if fetched.problem == MISSING:
        return MISSING_WAIT
    return min(LONGEST_WAIT, FIRST_WAIT * float(2 ** min(fetched.due.attempts, 10)))
