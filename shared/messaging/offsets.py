"""A consumer's own place in the log: rows in its database, moved in the same transaction as the
effects. They decide; the group's committed offset is only a hint.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, select, update

from shared.db import Database, Transaction
from shared.db.message_tables import consumer_offset
from shared.db.upsert import DIALECTS, upsert
from shared.messaging.log import EventLog, Partition, StoredRecord, mark
from shared.telemetry import logger

_FIRST = {
    dialect: upsert(dialect, consumer_offset).on_conflict_do_nothing() for dialect in DIALECTS
}


_MOVE = (
    update(consumer_offset)
    .where(
        consumer_offset.c.consumer == bindparam("of"),
        consumer_offset.c.topic == bindparam("of_topic"),
        consumer_offset.c.part == bindparam("of_part"),
        consumer_offset.c.next_off == bindparam("before"),
    )
    .values(next_off=bindparam("after"), mark=bindparam("last"), updated=bindparam("at"))
)


class Overtaken(Exception):
    """Another member has moved the offset meanwhile: this batch is somebody else's now."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The next offset to read, in the topic of this identity, after the record with this mark."""

    topic_id: str
    next_offset: int
    mark: str | None = None


class Offsets:
    """The offsets of one consumer."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer

    def read(self, database: Database) -> dict[Partition, Place]:
        statement = select(consumer_offset).where(consumer_offset.c.consumer == self._consumer)
        with database.reading() as session:
            return {
                Partition(row.topic, row.part): Place(
                    topic_id=row.topic_id, next_offset=row.next_off, mark=row.mark
                )
                for row in session.execute(statement)
            }

    def lock(self, tx: Transaction, partition: Partition) -> int:
        """The next offset; nobody else can move it before this transaction ends. Raises Overtaken
        for a partition that was never placed.
        """
        statement = select(consumer_offset.c.next_off).where(self._row(partition)).with_for_update()
        found = tx.execute(statement).scalar()
        if found is None:
            raise Overtaken(partition)
        return int(found)

    def move(self, tx: Transaction, partition: Partition, before: int, last: StoredRecord) -> bool:
        """Compare and set, over a run of records; False when it is not ``before`` (any more)."""
        values = {
            "of": self._consumer,
            "of_topic": partition.topic,
            "of_part": partition.number,
            "before": before,
            "after": last.offset + 1,
            "last": mark(last),
            "at": tx.now,
        }
        return tx.execute(_MOVE, values).rowcount == 1  # type: ignore[attr-defined,no-any-return]

    def place(
        self, database: Database, log: EventLog, partitions: frozenset[Partition]
    ) -> Mapping[Partition, int]:
        """Where to read on in partitions that are newly assigned, or may have changed.

        A log that has lost its end (and perhaps grown again), or a topic that was made again:
        nobody can say any more where what we have not seen begins, so read everything once more;
        the relays send the lost events again, and inbox and sequence numbers know those that were
        handled. Raises LogUnavailable.
        """
        known = self.read(database)  # before the log: another member may be moving on
        topics = {partition.topic for partition in partitions}
        identities = {topic: log.identity(topic) for topic in topics}
        begins = {place: first for topic in topics for place, first in log.begins(topic).items()}
        same = self._same(log, {each: known[each] for each in partitions & known.keys()})
        found = {}
        for partition in sorted(partitions):
            identity, place = identities[partition.topic], known.get(partition)
            first = begins.get(partition, 0)
            if place is not None and place.topic_id == identity and partition in same:
                found[partition] = max(first, place.next_offset)
            else:
                found[partition] = first
            if place is None or (place.topic_id, place.next_offset) != (identity, found[partition]):
                self._put(database, partition, identity, found[partition])
                if place is not None:
                    self._tell(partition, place.next_offset, found[partition])
        return found

    def _same(self, log: EventLog, places: Mapping[Partition, Place]) -> set[Partition]:
        """Where the log still has, before our place, the record that we saw there last."""
        last = {
            partition: place.next_offset - 1
            for partition, place in places.items()
            if place.mark is not None
        }
        found = log.read(last)
        same = {each for each in last if each in found and mark(found[each]) == places[each].mark}
        unmarked = places.keys() - last.keys()
        if any(places[each].next_offset for each in unmarked):
            topics = {each.topic for each in unmarked}
            ends = {place: end for topic in topics for place, end in log.ends(topic).items()}
            return same | {each for each in unmarked if places[each].next_offset <= ends[each]}
        return same | unmarked

    def _tell(self, partition: Partition, before: int, after: int) -> None:
        logger().error(
            "log.changed",
            service=self._consumer,
            topic=partition.topic,
            partition=partition.number,
            offset=after,
            expected=before,
        )

    def _put(
        self, database: Database, partition: Partition, identity: str, next_offset: int
    ) -> None:
        values = {"topic_id": identity, "next_off": next_offset, "mark": None}
        with database.transaction() as tx:
            row = {
                "consumer": self._consumer,
                "topic": partition.topic,
                "part": partition.number,
                "updated": tx.now,
                **values,
            }
            tx.execute(_FIRST[tx.dialect], row)
            tx.execute(update(consumer_offset).where(self._row(partition)).values(values))

    def _row(self, partition: Partition) -> ColumnElement[bool]:
        return and_(
            consumer_offset.c.consumer == self._consumer,
            consumer_offset.c.topic == partition.topic,
            consumer_offset.c.part == partition.number,
        )
