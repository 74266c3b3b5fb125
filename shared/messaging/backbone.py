"""What a service can tell about its own part of the backbone, for operators: counts, cases that
are set aside, and trying them again. No content of any case.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Update, func, select, update
from sqlalchemy.orm import Session

from shared.db import Transaction
from shared.db.message_tables import (
    consumer_offset,
    dead_letter,
    key_counter,
    outbox,
    parked_event,
    parked_key,
)
from shared.messaging.subjects import count_subjects


@dataclass(frozen=True, kw_only=True)
class Counts:
    """``subjects``: on how many keys the service has emitted anything."""

    subjects: int
    unpublished: int
    oldest_unpublished: datetime | None
    parked_keys: int
    parked_events: int
    dead_letters: int


@dataclass(frozen=True, kw_only=True)
class ReadUpTo:
    """Offsets below ``next_offset`` are handled, parked or set aside."""

    topic: str
    partition: int
    next_offset: int


@dataclass(frozen=True, kw_only=True)
class ParkedCase:
    """``next_try`` None: only an operator can make it go on."""

    key: str
    since: datetime
    reason: str
    error_class: str
    attempts: int
    next_try: datetime | None
    waiting: int
    first_type: str | None


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    id: int
    topic: str
    partition: int
    offset: int
    reason: str
    set_aside_at: datetime
    retrying: bool


def counts(session: Session) -> Counts:
    waiting, oldest = unpublished(session)
    keys, events = parked(session)
    return Counts(
        subjects=count_subjects(session),
        unpublished=waiting,
        oldest_unpublished=oldest,
        parked_keys=keys,
        parked_events=events,
        dead_letters=_count(session, dead_letter.c.id),
    )


def unpublished(session: Session) -> tuple[int, datetime | None]:
    """How many events are not in the log yet, and since when the oldest waits."""
    statement = select(func.count(), func.min(outbox.c.time)).where(outbox.c.published_at.is_(None))
    waiting, oldest = session.execute(statement).one()
    return waiting, oldest


def parked(session: Session) -> tuple[int, int]:
    """Cases and events that are set aside."""
    return _count(session, parked_key.c.key), _count(session, parked_event.c.key)


def read_up_to(session: Session) -> list[ReadUpTo]:
    statement = select(consumer_offset).order_by(consumer_offset.c.topic, consumer_offset.c.part)
    return [
        ReadUpTo(topic=row.topic, partition=row.part, next_offset=row.next_off)
        for row in session.execute(statement)
    ]


def subjects(session: Session, *, after: str = "", limit: int = 1_000) -> list[str]:
    """The keys the service has emitted on, in order, from after ``after``: to compare two
    services' books key by key.
    """
    statement = (
        select(key_counter.c.key)
        .where(key_counter.c.key > after)
        .order_by(key_counter.c.key)
        .limit(limit)
    )
    return list(session.scalars(statement))


def parked_cases(session: Session, *, limit: int = 200) -> list[ParkedCase]:
    """Longest set aside first."""
    events = (
        select(
            parked_event.c.consumer,
            parked_event.c.key,
            func.count().label("waiting"),
            func.min(parked_event.c.n).label("first"),
        )
        .group_by(parked_event.c.consumer, parked_event.c.key)
        .subquery()
    )
    first = parked_event.alias()
    statement = (
        select(parked_key, events.c.waiting, first.c.type.label("first_type"))
        .outerjoin(
            events,
            (events.c.consumer == parked_key.c.consumer) & (events.c.key == parked_key.c.key),
        )
        .outerjoin(
            first,
            (first.c.consumer == events.c.consumer)
            & (first.c.key == events.c.key)
            & (first.c.n == events.c.first),
        )
        .order_by(parked_key.c.since)
        .limit(limit)
    )
    return [
        ParkedCase(
            key=row.key,
            since=row.since,
            reason=row.reason,
            error_class=row.error_class,
            attempts=row.attempts,
            next_try=row.next_try,
            waiting=row.waiting or 0,
            first_type=row.first_type,
        )
        for row in session.execute(statement)
    ]


def dead_letters(session: Session, *, limit: int = 200) -> list[DeadLetter]:
    statement = select(dead_letter).order_by(dead_letter.c.id).limit(limit)
    return [
        DeadLetter(
            id=row.id,
            topic=row.topic,
            partition=row.part,
            offset=row.off,
            reason=row.reason,
            set_aside_at=row.set_aside_at,
            retrying=bool(row.retry),
        )
        for row in session.execute(statement)
    ]


def retry(tx: Transaction, *, key: str | None = None, dead_letter_id: int | None = None) -> int:
    """Have one parked case, one dead letter, or (with neither) everything tried again soon by the
    consumer; how many.
    """
    found = 0
    if dead_letter_id is None:
        cases = update(parked_key).values(next_try=tx.now)
        found += _rows(tx, cases if key is None else cases.where(parked_key.c.key == key))
    if key is None:
        letters = update(dead_letter).values(retry=1)
        found += _rows(
            tx,
            letters
            if dead_letter_id is None
            else letters.where(dead_letter.c.id == dead_letter_id),
        )
    return found


def _rows(tx: Transaction, statement: Update) -> int:
    return int(tx.execute(statement).rowcount)  # type: ignore[attr-defined]


def _count(session: Session, column: Column[Any]) -> int:
    return session.execute(select(func.count(column))).scalar_one()
