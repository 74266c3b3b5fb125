"""Tries to sign in are counted before they are looked at, so that many at once count as many.

Counted per login name, whether or not there is such an account, and per network address; both
stand in the database as keyed fingerprints only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from services.directory.models import attempts
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.db.upsert import upsert
from shared.errors import Throttled

PURPOSE = "directory.attempts"
WINDOW = timedelta(hours=1)
"""A series of tries is forgotten so long after it began."""
PER_LOGIN = 5
PER_SOURCE = 100
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
MOST_DOUBLINGS = 10


@dataclass(frozen=True, kw_only=True)
class Tries:
    """Fingerprints of what is tried; each with how many failures it has before it must pause."""

    login: str
    source: str

    @classmethod
    def of(cls, login: str, source: str, sealer: Sealer) -> "Tries":
        return cls(
            login=sealer.fingerprint(f"login:{login}"),
            source=sealer.fingerprint(f"source:{source}"),
        )

    def limits(self) -> Iterator[tuple[str, int]]:
        """In the order of the fingerprints: two requests must not wait for each other."""
        yield from sorted(((self.login, PER_LOGIN), (self.source, PER_SOURCE)))


def note_try(tx: Transaction, tries: Tries) -> None:
    """Count it as a failure until it turns out to be none. Raises Throttled during a pause."""
    for key, limit in tries.limits():
        failures, blocked_until = _count(tx, key)
        if blocked_until is not None and tx.now < blocked_until:
            raise _pause(blocked_until - tx.now)
        if failures >= limit:
            pause = FIRST_PAUSE * 2 ** min(failures - limit, MOST_DOUBLINGS)
            until = tx.now + min(pause, LONGEST_PAUSE)
            tx.execute(update(attempts).where(attempts.c.key == key).values(blocked_until=until))


def check_pause(session: Session, tries: Tries, now: datetime) -> None:
    """Before anything is counted or computed: a pause costs whoever waits for a place nothing.
    Raises Throttled.
    """
    keys = [key for key, _ in tries.limits()]
    until = session.scalar(
        select(func.max(attempts.c.blocked_until)).where(attempts.c.key.in_(keys))
    )
    if until is not None and now < until:
        raise _pause(until - now)


def note_success(tx: Transaction, tries: Tries) -> None:
    """The login's failures are forgotten, the address' own are not."""
    forget_login(tx, tries.login)
    tx.execute(
        update(attempts)
        .where(attempts.c.key == tries.source)
        .values(failures=attempts.c.failures - 1)
    )


def forget_login(tx: Transaction, key: str) -> None:
    tx.execute(delete(attempts).where(attempts.c.key == key))


def _pause(left: timedelta) -> Throttled:
    return Throttled(
        "Too many tries. Please try again in %(minutes)s minutes.",
        seconds=ceil(left.total_seconds()),
        minutes=max(1, round(left / timedelta(minutes=1))),
    )


def _count(tx: Transaction, key: str) -> tuple[int, datetime | None]:
    """How many failures there are with this one, and until when there is a pause already."""
    new = upsert(tx.dialect, attempts).values(key=key, failures=1, since=tx.now, blocked_until=None)
    over = attempts.c.since < tx.now - WINDOW
    counted = new.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "failures": case((over, 1), else_=attempts.c.failures + 1),
            "since": case((over, new.excluded.since), else_=attempts.c.since),
        },
    ).returning(attempts.c.failures, attempts.c.blocked_until)
    row = tx.execute(counted).one()
    return row.failures, row.blocked_until
