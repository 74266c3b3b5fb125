"""On how many keys a service has emitted anything, without counting a million rows each time.

Each key has one outbox row with the number 1, from the transaction that made its counter. So once
all counters were counted, it is enough to count such rows that have come since, up to a row before
which none can come any more.
"""

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, case, func, select
from sqlalchemy.orm import Session

from shared.db.message_tables import key_counter, outbox

LONGEST_TRANSACTION = timedelta(seconds=90)
"""PostgreSQL gives out numbers before it commits, and ends what is idle or slow well before."""


@dataclass(frozen=True, kw_only=True)
class _Settled:
    """``count`` keys have their first row at ``seq`` or before; no more can come to stand there."""

    seq: int
    count: int


class _Known:
    """What this process knows of each database; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_engine: WeakKeyDictionary[Engine, _Settled] = WeakKeyDictionary()

    def get(self, engine: Engine) -> _Settled | None:
        with self._lock:
            return self._by_engine.get(engine)

    def put(self, engine: Engine, settled: _Settled) -> None:
        with self._lock:
            self._by_engine[engine] = settled


_KNOWN = _Known()


def count_subjects(session: Session) -> int:
    """As of the session's one moment."""
    engine = session.get_bind().engine
    edge, first = _edge(session)
    known = _KNOWN.get(engine)
    if known is None or first is None or first > known.seq + 1:  # rows in between may be deleted
        total = session.execute(select(func.count()).select_from(key_counter)).scalar_one()
        young, _ = _first_rows(session, behind=edge, upto=edge)
        _KNOWN.put(engine, _Settled(seq=edge, count=total - young))
        return total
    edge = max(edge, known.seq)
    since, settled = _first_rows(session, behind=known.seq, upto=edge)
    _KNOWN.put(engine, _Settled(seq=edge, count=known.count + settled))
    return known.count + since


def _edge(session: Session) -> tuple[int, int | None]:
    """The last row before which none can come any more, and the first there is."""
    ends = (select(end(outbox.c.seq)).scalar_subquery() for end in (func.min, func.max))
    first, last = session.execute(select(*ends)).one()  # SQLite looks for one end per query
    if first is None:
        return 0, None
    if session.get_bind().dialect.name == "sqlite":  # one writer at a time, so in order
        return last, first
    newest = session.execute(select(func.max(outbox.c.published_at))).scalar()
    if newest is None:
        return first - 1, first
    old = (
        select(outbox.c.seq)
        .where(outbox.c.published_at <= newest - LONGEST_TRANSACTION)
        .order_by(outbox.c.published_at.desc())
        .limit(1)
    )
    return session.execute(old).scalar() or first - 1, first


def _first_rows(session: Session, *, behind: int, upto: int) -> tuple[int, int]:
    """How many first rows of a key stand behind a row, and how many of them not behind another."""
    statement = select(
        func.count(), func.coalesce(func.sum(case((outbox.c.seq <= upto, 1), else_=0)), 0)
    ).where(outbox.c.kseq == 1, outbox.c.seq > behind)
    count, settled = session.execute(statement).one()
    return count, int(settled)
