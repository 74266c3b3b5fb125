"""The consumer: reads the log and applies a service's reactions, each event exactly once.

One database transaction per poll: check our own offset (a zombie comes too late), know events by
the inbox, keep each case's order by its sequence numbers, handle, move the offset. A failing batch
is rolled back and halved until the culprit stands alone; that one's case is parked.
"""

import time
from collections.abc import Mapping, Sequence

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.db import Database, Delivered, Transaction
from shared.errors import Unavailable
from shared.events import DIRECTORY, Undecodable
from shared.failpoints import reach
from shared.messaging import dead_letters, parking
from shared.messaging.breaker import Breaker
from shared.messaging.delivery import read
from shared.messaging.handling import Handling
from shared.messaging.log import EventLog, LogUnavailable, Partition, StoredRecord, Subscription
from shared.messaging.offsets import Offsets, Overtaken
from shared.messaging.reactions import NotYet, Reaction
from shared.telemetry import BREAKER_STATE, logger

QUICK_TRIES = (0.05, 0.2, 0.8)
"""Seconds before trying an event again that lost a race or broke its handler."""
NOT_YET_PAUSE = 0.1
QUIET = 1.0
"""Seconds without a record after which we look whether the log is still the one we knew: none loses
its end without being away for longer.
"""
PROBE_PAUSE = 30.0
UNPARK_KEYS = 20

Batch = Mapping[Partition, Sequence[StoredRecord]]


class Halted(Exception):
    """The breaker is open: too much fails to set any more aside."""


def is_trouble(error: BaseException) -> bool:
    """Database or network trouble: wait and try again, never skip, never park."""
    return isinstance(
        error, OperationalError | InterfaceError | PoolTimeout | Unavailable | LogUnavailable
    ) or (isinstance(error, DBAPIError) and error.connection_invalidated)


class Consumer:
    """One consumer group's work in one process. ``step`` is called in a loop."""

    def __init__(
        self, database: Database, log: EventLog, reactions: Sequence[Reaction], *, name: str
    ) -> None:
        self.name = name
        self._database = database
        self._log = log
        self._offsets = Offsets(name)
        self._handling = Handling(name, reactions)
        self._breaker = Breaker()
        self._mine: frozenset[Partition] = frozenset()
        self._heard = float("-inf")
        self._paused: dict[Partition, float] = {}

    def step(self, subscription: Subscription, timeout: float) -> int:
        """Poll once and deal with what came; how many records. Raises what ``is_trouble``."""
        batch = dict(subscription.poll(timeout))
        if batch:
            heard, self._heard = self._heard, time.monotonic()
            if self._heard - heard > QUIET:
                self.look_up_places()
        self._place(subscription, batch)
        if self._hold_back(subscription, batch):
            time.sleep(min(timeout, NOT_YET_PAUSE))  # else it would come again at once
        if not batch:
            return 0
        reach("consume.polled")
        self._apply_all(subscription, batch)
        return sum(len(records) for records in batch.values())

    def unpark(self) -> int:
        """Try parked cases whose time has come, and dead letters an operator wants tried; how
        many events went on. Raises what ``is_trouble``.
        """
        with self._database.looking() as connection:
            keys = parking.due(connection, self.name, self._database.clock(), UNPARK_KEYS)
        handled = sum(self._unpark_key(key) for key in keys)
        return handled + dead_letters.try_again(self._database, self.name)

    def _place(
        self, subscription: Subscription, batch: dict[Partition, Sequence[StoredRecord]]
    ) -> None:
        """Start partitions that are new to us at our own offset, whatever the log remembers."""
        assigned = subscription.assignment()
        new = assigned - self._mine
        if new:
            for partition, offset in self._offsets.place(self._database, self._log, new).items():
                if partition in batch and batch[partition][0].offset == offset:
                    continue  # it goes on there already
                subscription.seek(partition, offset)
                batch.pop(partition, None)
        self._mine = assigned
        for lost in set(self._paused) - assigned:
            del self._paused[lost]

    def _hold_back(
        self, subscription: Subscription, batch: dict[Partition, Sequence[StoredRecord]]
    ) -> bool:
        """Put paused partitions back for later; whether nothing else is left to do."""
        now = time.monotonic()
        held = [place for place, until in self._paused.items() if place in batch and now < until]
        for partition in held:
            subscription.seek(partition, batch.pop(partition)[0].offset)
        return bool(held) and not batch

    def look_up_places(self) -> None:
        """Look the offsets up again at the next step: after trouble, or now and then, because a
        log may have lost its end.
        """
        self._mine = frozenset()

    def _apply_all(self, subscription: Subscription, batch: Batch) -> None:
        """The directory in a transaction before the cases: they are decided with it."""
        for topic in sorted({place.topic for place in batch}, key=lambda name: name != DIRECTORY):
            part = {place: found for place, found in batch.items() if place.topic == topic}
            try:
                self._apply(part)
            except Exception as error:
                if is_trouble(error):
                    self.look_up_places()
                    raise
                for partition in sorted(part):
                    self._apply_partition(subscription, partition, part[partition])
            else:
                subscription.commit({place: found[-1].offset + 1 for place, found in part.items()})
                reach("consume.confirmed")

    def _apply_partition(
        self, subscription: Subscription, partition: Partition, records: Sequence[StoredRecord]
    ) -> None:
        """One partition by itself, halving it around what fails."""
        try:
            self._halve(partition, records)
        except NotYet:
            self._paused[partition] = time.monotonic() + NOT_YET_PAUSE
        except Halted:
            self._paused[partition] = time.monotonic() + PROBE_PAUSE
        except Overtaken:
            self.look_up_places()
            return
        else:
            self._paused.pop(partition, None)
            subscription.commit({partition: records[-1].offset + 1})
            return
        subscription.seek(partition, self._offsets.read(self._database)[partition].next_offset)

    def _halve(self, partition: Partition, records: Sequence[StoredRecord]) -> None:
        try:
            self._apply({partition: records})
        except (NotYet, Overtaken):
            if len(records) == 1:
                raise
        except Exception as error:
            if is_trouble(error):
                raise
            if len(records) == 1:
                self._fail(partition, records[0], error)
                return
        else:
            return
        middle = len(records) // 2
        self._halve(partition, records[:middle])
        self._halve(partition, records[middle:])

    def _apply(self, batch: Batch) -> None:
        """All of it in one transaction, or an exception and nothing."""
        with self._database.transaction() as tx:
            delivered: list[Delivered] = []
            for partition in sorted(batch):
                delivered += self._receive(tx, partition, batch[partition])
            reach("consume.fenced")
            handled = self._handling.take(tx, delivered)
            reach("consume.handled")
        reach("consume.committed")
        self._breaker.succeeded(handled)
        BREAKER_STATE.labels(self.name).set(int(self._breaker.open))

    def _receive(
        self, tx: Transaction, partition: Partition, records: Sequence[StoredRecord]
    ) -> list[Delivered]:
        """Fence, decode, and move the offset over these records."""
        fresh = self._fresh(tx, partition, records)
        delivered = []
        for record in fresh:
            try:
                delivered.append(read(record, self._handling.wants))
            except Undecodable as error:
                dead_letters.keep(tx, self.name, record, error)
        return delivered

    def _fresh(
        self, tx: Transaction, partition: Partition, records: Sequence[StoredRecord]
    ) -> Sequence[StoredRecord]:
        """Move the offset over the records and give those that were before it until now."""
        if self._offsets.move(tx, partition, records[0].offset, records[-1]):
            return records
        self.look_up_places()  # another member's, or the log begins anew
        place = self._offsets.lock(tx, partition)
        fresh = [record for record in records if record.offset >= place]
        if fresh and not (
            self._nothing_between(partition, place, fresh[0])
            and self._offsets.move(tx, partition, place, records[-1])
        ):
            raise Overtaken(partition)
        return fresh

    def _nothing_between(self, partition: Partition, place: int, record: StoredRecord) -> bool:
        """Whether this is the next record. A stranger's transaction leaves an offset without one
        behind: that is told, and passed over.
        """
        if record.offset == place:
            return True
        if any(self._log.read({partition: each}) for each in range(place, record.offset)):
            return False
        found = self._log.read({partition: record.offset}).get(partition)
        if found is None or found.key != record.key or found.value != record.value:
            return False  # the log has changed meanwhile
        logger().warning(
            "log.gap",
            service=self.name,
            topic=partition.topic,
            partition=partition.number,
            offset=place,
            following=record.offset,
        )
        return True

    def _fail(self, partition: Partition, record: StoredRecord, error: Exception) -> None:
        """A single event failed: try again quickly unless a rule refused it, then park it."""
        retriable = parking.next_try(error, 1, self._database.clock()) is not None
        for pause in QUICK_TRIES if retriable and not self._breaker.open else ():
            time.sleep(pause)
            reach("consume.failing")
            try:
                self._apply({partition: [record]})
            except Exception as again:
                if is_trouble(again) or isinstance(again, NotYet | Overtaken):
                    raise
                error = again
            else:
                return
        self._breaker.failed()
        BREAKER_STATE.labels(self.name).set(int(self._breaker.open))
        if self._breaker.open:
            logger().error("consumer.halted", service=self.name, error=type(error).__name__)
            raise Halted(partition) from error
        self._park(partition, record, error)

    def _park(self, partition: Partition, record: StoredRecord, error: Exception) -> None:
        delivered = read(record)
        with self._database.transaction() as tx:
            if not self._offsets.move(tx, partition, record.offset, record):
                raise Overtaken(partition)
            parking.park(tx, self.name, [delivered], error)
            reach("consume.parking")
        reach("consume.parked")
        logger().error(
            "case.parked",
            service=self.name,
            case_id=delivered.envelope.subject,
            event_type=delivered.envelope.type,
            event_id=delivered.envelope.id,
            exc_info=error,
        )

    def _unpark_key(self, key: str) -> int:
        handled = 0
        try:
            while True:
                with self._database.transaction() as tx:
                    if not parking.lock_parked(tx, self.name, [key]):
                        return handled
                    reach("unpark.locked")
                    if not self._handling.take_waiting(tx, key):
                        return handled
                    reach("unpark.handled")
                reach("unpark.committed")
                handled += 1
        except NotYet:
            return handled  # not its fault: it stays due
        except Exception as error:
            if is_trouble(error):
                raise
            with self._database.transaction() as tx:
                if parking.lock_parked(tx, self.name, [key]):
                    parking.postpone(tx, self.name, key, error, 0)
            return handled
