"""What happens to delivered events inside one transaction: known already, out of turn, waiting
behind a parked one, or handled.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from prometheus_client import Histogram
from sqlalchemy import bindparam, select

from shared.db import Delivered, Transaction
from shared.db.message_tables import inbox, key_cursor
from shared.db.upsert import DIALECTS, among, listed
from shared.events import Event
from shared.messaging import parking
from shared.messaging.reactions import Reaction
from shared.telemetry import HANDLER_SECONDS, INBOX_DUPLICATES, KSEQ_GAP

CursorKey = tuple[str, str]

_CURSORS = {
    dialect: select(key_cursor.c.source, key_cursor.c.key, key_cursor.c.kseq).where(
        key_cursor.c.consumer == bindparam("of"), among(dialect, key_cursor.c.key, "keys")
    )
    for dialect in DIALECTS
}


_MOVE = "(consumer, source, key) DO UPDATE SET kseq = excluded.kseq"


class Handling:
    """The reactions of one consumer, applied exactly once per event."""

    def __init__(self, consumer: str, reactions: Sequence[Reaction]) -> None:
        self._consumer = consumer
        self._of_type: dict[str | None, list[Reaction]] = defaultdict(list)
        self._timings: dict[str, Histogram] = {}
        for reaction in reactions:
            name = reaction.event_class.event_type if reaction.event_class else None
            self._of_type[name].append(reaction)

    def wants(self, event_type: str) -> bool:
        """Whether anything is done about events of this type."""
        return None in self._of_type or event_type in self._of_type

    def take(self, tx: Transaction, delivered: Sequence[Delivered]) -> int:
        """Deal with a run of events in order; how many were handled now by a reaction.

        Whatever a handler raises goes up: the caller rolls back and tries them one by one.
        """
        keys = {each.envelope.subject for each in delivered}
        parked = parking.lock_parked(tx, self._consumer, keys)
        behind = [each for each in delivered if each.envelope.subject in parked]
        parking.add_events(tx, self._consumer, behind)
        rest = [each for each in delivered if each.envelope.subject not in parked]
        return self._handle(tx, self._in_turn(tx, rest))

    def take_waiting(self, tx: Transaction, key: str) -> bool:
        """Handle the first waiting event of a parked key whose turn it is; un-park the key when
        none is left. False when its turn has not come for any of them.
        """
        cursors = self._cursors(tx, {key})
        waiting = parking.queue_of(tx, self._consumer, key)
        for each in waiting:
            envelope = each.delivered.envelope
            if envelope.source != waiting[0].delivered.envelope.source:
                continue  # what it follows from may stand before it: first come, first served
            expected = cursors.get((envelope.source, key), 0) + 1
            if envelope.sequence <= expected:
                parking.remove(tx, self._consumer, key, each.n)
                if envelope.sequence == expected:
                    self._handle(tx, [each.delivered])
                    self._move(tx, {(envelope.source, key): expected})
                if len(waiting) == 1:
                    parking.unpark(tx, self._consumer, key)
                return True
        if not waiting:
            parking.unpark(tx, self._consumer, key)
            return True
        parking.postpone(tx, self._consumer, key, None, waiting[0].delivered.envelope.sequence)
        return False

    def _in_turn(self, tx: Transaction, delivered: Sequence[Delivered]) -> list[Delivered]:
        """Drop what was seen; park what comes before its predecessor, and all behind it."""
        cursors = self._cursors(tx, {each.envelope.subject for each in delivered})
        moved: dict[CursorKey, int] = {}
        early: dict[str, list[Delivered]] = {}
        ready = []
        for each in delivered:
            envelope = each.envelope
            place = (envelope.source, envelope.subject)
            if envelope.subject in early:
                early[envelope.subject].append(each)
            elif envelope.sequence <= cursors.get(place, 0):
                INBOX_DUPLICATES.labels(self._consumer).inc()
            elif envelope.sequence == cursors.get(place, 0) + 1:
                cursors[place] = moved[place] = envelope.sequence
                ready.append(each)
            else:
                KSEQ_GAP.labels(self._consumer).inc()
                early[envelope.subject] = [each]
        for events in early.values():
            parking.park(tx, self._consumer, events, None)
        self._move(tx, moved)
        return ready

    def _handle(self, tx: Transaction, delivered: Sequence[Delivered]) -> int:
        """Run the reactions for what the inbox does not know yet."""
        new = self._remember(tx, delivered)
        work = []
        for each in delivered:
            if each.envelope.id in new:
                new.discard(each.envelope.id)
                work.append(each)
            else:
                INBOX_DUPLICATES.labels(self._consumer).inc()
        fetched = self._prefetch(tx, [each.event for each in work if each.event is not None])
        for each in work:
            tx.cause = each
            started = time.perf_counter()
            self._react(tx, each.event, fetched)
            self._timing(each.envelope.type).observe(time.perf_counter() - started)
        tx.cause = None
        return sum(self.wants(each.envelope.type) for each in work)

    def _timing(self, event_type: str) -> Histogram:
        """By types that something is done about: what strangers call theirs is no label."""
        name = event_type if event_type in self._of_type else "other"
        if name not in self._timings:
            self._timings[name] = HANDLER_SECONDS.labels(self._consumer, name)
        return self._timings[name]

    def _react(self, tx: Transaction, event: Event | None, fetched: Mapping[int, object]) -> None:
        for reaction in self._of_type.get(event.event_type, ()) if event is not None else ():
            if reaction.prefetch is None:
                reaction.handler(tx, event)
            else:
                reaction.handler(tx, event, fetched[id(reaction)])
        for reaction in self._of_type.get(None, ()):
            reaction.handler(tx)

    def _prefetch(self, tx: Transaction, events: Sequence[Event]) -> dict[int, object]:
        by_type: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            by_type[event.event_type].append(event)
        return {
            id(reaction): reaction.prefetch(tx, found)
            for event_type, found in by_type.items()
            for reaction in self._of_type.get(event_type, ())
            if reaction.prefetch is not None
        }

    def _remember(self, tx: Transaction, delivered: Iterable[Delivered]) -> set[UUID]:
        rows = [
            {"consumer": self._consumer, "event_id": each.envelope.id, "processed_at": tx.now}
            for each in delivered
        ]
        if not rows:
            return set()
        return {event_id for (event_id,) in tx.upsert(inbox, rows, "DO NOTHING", ("event_id",))}

    def _cursors(self, tx: Transaction, keys: set[str]) -> dict[CursorKey, int]:
        if not keys:
            return {}
        found = tx.execute(
            _CURSORS[tx.dialect], {"of": self._consumer, "keys": listed(tx.dialect, keys)}
        )
        return {(row.source, row.key): row.kseq for row in found}

    def _move(self, tx: Transaction, cursors: Mapping[CursorKey, int]) -> None:
        rows = [
            {"consumer": self._consumer, "source": source, "key": key, "kseq": kseq}
            for (source, key), kseq in cursors.items()
        ]
        if rows:
            tx.upsert(key_cursor, rows, _MOVE)
