"""Parking: a case whose event cannot be handled waits, with all its later events, in order, in the
consumer's own database; all other cases go on.

No retry topics (they break the order within a case). An operator, or a schedule, makes it go on.
"""

import json
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from shared.db import Delivered, Transaction
from shared.db.message_tables import parked_event, parked_key
from shared.db.upsert import DIALECTS, among, listed, upsert
from shared.errors import AppError, Conflict, IllegalTransition
from shared.events.codec import headers
from shared.messaging.delivery import read
from shared.messaging.log import StoredRecord

SCHEDULE = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3_600, 21_600))
JITTER = 0.2
WAITING = "SequenceGap"
"""The error class of a case that waits for an event that has not come yet."""

_LOCK = {
    dialect: select(parked_key.c.key)
    .where(
        parked_key.c.consumer == bindparam("of"),
        among(dialect, parked_key.c.key, "keys"),
    )
    .order_by(parked_key.c.key)
    .with_for_update()
    for dialect in DIALECTS
}
_ADD_EVENTS = {
    dialect: upsert(dialect, parked_event).on_conflict_do_nothing() for dialect in DIALECTS
}
_LAST_N = {
    dialect: select(parked_event.c.key, func.max(parked_event.c.n).label("n"))
    .where(
        parked_event.c.consumer == bindparam("of"),
        among(dialect, parked_event.c.key, "keys"),
    )
    .group_by(parked_event.c.key)
    for dialect in DIALECTS
}


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One parked event, and its place ``n`` in the queue of its key."""

    n: int
    delivered: Delivered


def next_try(error: Exception | None, attempts: int, now: datetime) -> datetime | None:
    """When to try by itself again; None when only a person can help: a rule refused it, or the
    schedule is used up. ``error`` None stands for a missing predecessor.
    """
    refused = isinstance(error, AppError) and (
        not isinstance(error, Conflict) or isinstance(error, IllegalTransition)
    )
    if refused or attempts > len(SCHEDULE):
        return None
    pause = SCHEDULE[max(attempts, 1) - 1]
    return now + pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 – not a secret


def lock_parked(tx: Transaction, consumer: str, keys: Collection[str]) -> set[str]:
    """Which of the keys are parked; nobody un-parks them before this transaction ends."""
    if not keys:
        return set()
    return set(
        tx.execute(_LOCK[tx.dialect], {"of": consumer, "keys": listed(tx.dialect, keys)}).scalars()
    )


def park(
    tx: Transaction, consumer: str, delivered: Sequence[Delivered], error: Exception | None
) -> None:
    """Park the key of these events (one key) because of the first of them."""
    first = delivered[0].envelope
    tx.execute(
        parked_key.insert(),
        {
            "consumer": consumer,
            "key": first.subject,
            "since": tx.now,
            "reason": reason(error, first.sequence),
            "error_class": type(error).__name__ if error else WAITING,
            "attempts": 1,
            "next_try": next_try(error, 1, tx.now),
        },
    )
    add_events(tx, consumer, delivered)


def queue_up(tx: Transaction, consumer: str, delivered: Delivered) -> None:
    """Let an event wait for its turn in the queue of its case, which is tried soon if it waits
    for this one, else when it would be tried anyway.
    """
    key = delivered.envelope.subject
    if not lock_parked(tx, consumer, [key]):
        park(tx, consumer, [delivered], None)
    add_events(tx, consumer, [delivered])


def reason(error: Exception | None, sequence: int) -> str:
    """Why, for operators. A rule's refusal is our own sentence; any other error could quote data,
    so only its class is kept (the log has the place).
    """
    if error is None:
        return f"An event before number {sequence} of this case has not arrived."
    return str(error) if isinstance(error, AppError) else type(error).__name__


def add_events(tx: Transaction, consumer: str, delivered: Iterable[Delivered]) -> None:
    """Queue events behind their parked keys; an event already there stays where it is."""
    events = list(delivered)
    if not events:
        return
    keys = sorted({each.envelope.subject for each in events})
    last: dict[str, int] = {
        row.key: row.n
        for row in tx.execute(
            _LAST_N[tx.dialect], {"of": consumer, "keys": listed(tx.dialect, keys)}
        )
    }
    rows = []
    for each in events:
        key = each.envelope.subject
        last[key] = last.get(key, 0) + 1
        rows.append(_row(consumer, last[key], each, tx.now))
    tx.execute(_ADD_EVENTS[tx.dialect], rows)
    tx.execute(
        # What a waiting case waits for may be among these.
        update(parked_key)
        .where(
            parked_key.c.consumer == consumer,
            parked_key.c.key.in_(keys),
            parked_key.c.error_class == WAITING,
        )
        .values(next_try=tx.now)
    )


def due(connection: Connection, consumer: str, now: datetime, limit: int) -> list[str]:
    """Keys whose time has come, longest waiting first."""
    statement = (
        select(parked_key.c.key)
        .where(parked_key.c.consumer == consumer, parked_key.c.next_try <= now)
        .order_by(parked_key.c.next_try)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def queue_of(tx: Transaction, consumer: str, key: str) -> list[Waiting]:
    """The waiting events of a key, in order of arrival."""
    statement = (
        select(parked_event)
        .where(parked_event.c.consumer == consumer, parked_event.c.key == key)
        .order_by(parked_event.c.n)
    )
    return [Waiting(n=row.n, delivered=read(_record(row))) for row in tx.execute(statement)]


def remove(tx: Transaction, consumer: str, key: str, n: int) -> None:
    tx.execute(
        delete(parked_event).where(
            parked_event.c.consumer == consumer, parked_event.c.key == key, parked_event.c.n == n
        )
    )


def unpark(tx: Transaction, consumer: str, key: str) -> None:
    tx.execute(delete(parked_key).where(parked_key.c.consumer == consumer, parked_key.c.key == key))


def postpone(
    tx: Transaction, consumer: str, key: str, error: Exception | None, number: int
) -> None:
    """It failed again, or its predecessor (before ``number``) is still missing."""
    mine = (parked_key.c.consumer == consumer, parked_key.c.key == key)
    attempts = 1 + (tx.execute(select(parked_key.c.attempts).where(*mine)).scalar() or 0)
    tx.execute(
        update(parked_key)
        .where(*mine)
        .values(
            attempts=attempts,
            reason=reason(error, number),
            error_class=type(error).__name__ if error else WAITING,
            next_try=next_try(error, attempts, tx.now),
        )
    )


def _row(consumer: str, n: int, delivered: Delivered, now: datetime) -> dict[str, object]:
    envelope = delivered.envelope
    return {
        "consumer": consumer,
        "key": envelope.subject,
        "n": n,
        "event_id": envelope.id,
        "type": envelope.type,
        "topic": delivered.topic,
        "part": delivered.partition,
        "off": delivered.offset,
        "value": envelope.data,
        "headers": json.dumps([(name, raw.decode()) for name, raw in headers(envelope)]),
        "appended_at": delivered.appended_at,
        "parked_at": now,
    }


def _record(row: Row[tuple[object, ...]]) -> StoredRecord:
    return StoredRecord(
        topic=row.topic,
        partition=row.part,
        offset=row.off,
        key=row.key.encode(),
        value=row.value,
        headers=tuple((name, value.encode()) for name, value in json.loads(row.headers)),
        appended_at=row.appended_at,
    )
