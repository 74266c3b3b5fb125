"""What this service's own database says about the ledger: counts, and the cases to ask about."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, ScalarSelect, Select, exists, func, select
from sqlalchemy.orm import Session

from services.ops.models import flows, tallies
from shared.db.message_tables import parked_event
from shared.events import CASES
from shared.messaging.log import Partition

MOST = 10_000
"""No more cases than this are asked about at once."""

AT_ONCE = 1_000

_UNDECIDED = (flows.c.registered_at.is_not(None), flows.c.routed_at.is_(None))
_UNREGISTERED = flows.c.registered_at.is_(None)
_REGISTERED = select(func.coalesce(func.sum(tallies.c.registered), 0))
"""Counted as they come: counting a million flows takes time."""


@dataclass(frozen=True, kw_only=True)
class Undecided:
    """A registration that was seen, at ``offset`` of ``partition``, and no decision yet."""

    subject: str
    kind: str
    number: str | None
    registered_at: datetime
    partition: Partition
    offset: int


@dataclass(frozen=True, kw_only=True)
class Unregistered:
    """Events were seen, but no registration."""

    subject: str
    number: str | None
    decided: bool
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Heard:
    number: str | None
    registered_at: datetime
    decided: bool


@dataclass(frozen=True, kw_only=True)
class Books:
    """``seen`` counts all cases anything was heard of; ``undecided`` those with a registration and
    no decision, of which ``old`` are past the time a decision takes. ``parked_unseen`` are set
    aside here, so that nothing was noted of them.
    """

    seen: int
    undecided: int
    unregistered: int
    old: Sequence[Undecided]
    orphans: Sequence[Unregistered]
    parked_unseen: int


def books(session: Session, *, before: datetime, orphans: int) -> Books:
    """All as of one moment. ``before``: when the youngest of the old ones was registered; at most
    so many orphans. The session must be a fresh one.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite sees one moment anyway
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    numbers = select(
        _count(_REGISTERED),
        _count(select(func.count()).select_from(flows).where(*_UNDECIDED)),
        _count(select(func.count()).select_from(flows).where(_UNREGISTERED)),
        _count(
            select(func.count(parked_event.c.key.distinct())).where(
                parked_event.c.topic == CASES,
                ~exists().where(flows.c.subject == parked_event.c.key),
            )
        ),
    )
    registered, undecided, unregistered, parked = session.execute(numbers).one()
    return Books(
        seen=registered + unregistered,
        undecided=undecided,
        unregistered=unregistered,
        old=list(_old(session, before)),
        orphans=list(_orphans(session, orphans)) if unregistered else [],
        parked_unseen=parked,
    )


def seen(session: Session) -> int:
    unregistered = select(func.count()).select_from(flows).where(_UNREGISTERED)
    return sum(session.execute(select(_count(_REGISTERED), _count(unregistered))).one())


def still_undecided(session: Session, subjects: Collection[str]) -> set[str]:
    """Which of them have no decision yet."""
    return _among(session, flows.c.subject, subjects, flows.c.routed_at.is_(None))


def known(session: Session, subjects: Collection[str]) -> set[str]:
    """Of which of them anything was heard, be it that it is set aside here."""
    return _among(session, flows.c.subject, subjects) | _among(
        session, parked_event.c.key, subjects
    )


def between(session: Session, after: str, last: str | None) -> set[str]:
    """The cases with ids behind ``after``, up to ``last``; without it, the next of them."""
    query = select(flows.c.subject).where(flows.c.subject > after)
    if last is None:
        query = query.order_by(flows.c.subject).limit(MOST)
    else:
        query = query.where(flows.c.subject <= last)
    return set(session.scalars(query))


def heard_of(session: Session, subjects: Collection[str], before: datetime) -> dict[str, Heard]:
    """Those of them that were registered by then."""
    found: dict[str, Heard] = {}
    for some in _chunks(subjects):
        query = select(flows).where(flows.c.subject.in_(some), flows.c.registered_at <= before)
        for row in session.execute(query):
            found[row.subject] = Heard(
                number=row.number,
                registered_at=row.registered_at,
                decided=row.routed_at is not None,
            )
    return found


def _old(session: Session, before: datetime) -> Iterator[Undecided]:
    query = (
        select(flows)
        .where(*_UNDECIDED, flows.c.registered_at <= before)
        .order_by(flows.c.registered_at)
        .limit(MOST)
    )
    for row in session.execute(query):
        yield Undecided(
            subject=row.subject,
            kind=row.kind,
            number=row.number,
            registered_at=row.registered_at,
            partition=Partition(CASES, row.first_part),
            offset=row.first_off,
        )


def _orphans(session: Session, most: int) -> Iterator[Unregistered]:
    query = select(flows).where(_UNREGISTERED).order_by(flows.c.subject).limit(most)
    for row in session.execute(query):
        yield Unregistered(
            subject=row.subject,
            number=row.number,
            decided=row.routed_at is not None,
            since=row.routed_at or row.last_at,
        )


def _count(query: Select[int]) -> ScalarSelect[int]:
    return query.scalar_subquery()


def _among(
    session: Session,
    column: Column[str],
    subjects: Collection[str],
    *conditions: ColumnElement[bool],
) -> set[str]:
    found: set[str] = set()
    for some in _chunks(subjects):
        found.update(session.scalars(select(column).where(column.in_(some), *conditions)))
    return found


def _chunks(subjects: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(subjects)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
