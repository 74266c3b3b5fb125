"""The relay: moves committed events from a service's outbox to the log, in order.

One relay per service is active (a role lock sees to it). It marks a row only after the log has
acknowledged it, so a crash in between sends the row again; consumers notice by the event's id.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Row, and_, bindparam, delete, func, select, update

from shared.clock import Clock, utc_now
from shared.db import Database
from shared.db.message_tables import idempotency, inbox, outbox
from shared.events import TOPICS, Envelope
from shared.events.codec import headers
from shared.messaging.log import EventLog, Partition, Position, Record
from shared.telemetry import RELAY_BATCH_SIZE, RELAY_PUBLISH, logger

BATCH = 500
KEEP = timedelta(days=35)
"""A log that lost data is healed from rows this young; the inbox remembers as long."""
CLEAN_BATCH = 1_000
AGES = {
    outbox: outbox.c.published_at,
    inbox: inbox.c.processed_at,
    idempotency: idempotency.c.created,
}
_DELETE = {
    table: delete(table).where(*(key == bindparam(key.name) for key in table.primary_key))
    for table in AGES
}

_UNPUBLISHED = (
    select(outbox).where(outbox.c.published_at.is_(None)).order_by(outbox.c.seq).limit(BATCH)
)
_MARK = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(
        published_at=bindparam("at"), pub_partition=bindparam("part"), pub_offset=bindparam("off")
    )
)
_LAST_PUBLISHED = select(
    outbox.c.topic, outbox.c.pub_partition, func.max(outbox.c.pub_offset)
).where(outbox.c.pub_offset.is_not(None))


class Relay:
    def __init__(self, database: Database, log: EventLog, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._last: dict[Partition, int] = {}

    def step(self) -> int:
        """Publish at most one batch; how many rows are now published. Raises LogUnavailable."""
        with self._database.looking() as connection:
            rows = connection.execute(_UNPUBLISHED).all()
        if not rows:
            return 0
        positions = self._log.append([self._record(row) for row in rows])
        for partition, end in self._surviving_ends(positions).items():
            self._forget(partition, end)
        marked = self._mark(rows, positions)
        RELAY_BATCH_SIZE.labels(self._database.name).observe(len(rows))
        RELAY_PUBLISH.labels(self._database.name, "published").inc(marked)
        RELAY_PUBLISH.labels(self._database.name, "refused").inc(len(rows) - marked)
        return marked

    def heal(self) -> int:
        """Put rows that the log has lost back to unpublished, so that they go out before anything
        newer; how many. Call at the start and now and then. Raises LogUnavailable.
        """
        lost = 0
        published = self._published()
        topics = {partition.topic for partition in published}
        ends = {place: end for topic in topics for place, end in self._log.ends(topic).items()}
        for partition, last in published.items():
            end = ends.get(partition, 0)
            if last >= end:
                lost += self._forget(partition, end)
                logger().error(
                    "log.shorter",
                    service=self._database.name,
                    topic=partition.topic,
                    partition=partition.number,
                    offset=end,
                )
            self._last[partition] = min(last, end - 1)
        return lost

    def clean(self) -> int:
        """Delete a batch of what is older than 35 days; how many rows. What to delete is found
        without keeping writers waiting.
        """
        before = self._clock() - KEEP
        with self._database.looking() as connection:
            old = {
                table: connection.execute(
                    select(*table.primary_key).where(column < before).limit(CLEAN_BATCH)
                ).all()
                for table, column in AGES.items()
            }
        for table, keys in old.items():
            if keys:
                with self._database.transaction() as tx:
                    tx.execute(_DELETE[table], [row._asdict() for row in keys])
        return sum(len(keys) for keys in old.values())

    def _record(self, row: Row[tuple[object, ...]]) -> Record:
        found = row._mapping  # noqa: SLF001 – SQLAlchemy's public name for a row as a mapping
        envelope = Envelope(
            id=found["event_id"],
            source=f"/{self._database.name}",
            type=found["type"],
            time=found["time"],
            subject=found["key"],
            sequence=found["kseq"],
            correlation_id=found["correlation_id"],
            causation_id=found["causation_id"],
            actor=found["actor"],
            traceparent=found["traceparent"],
            data=found["data"],
        )
        return Record(found["topic"], found["key"], found["data"], headers(envelope))

    def _mark(
        self, rows: Sequence[Row[tuple[object, ...]]], positions: Sequence[Position | None]
    ) -> int:
        """Mark what the log has; of a key only what stands before its first failure."""
        now = self._clock()
        failed: set[str] = set()
        marks = []
        for row, position in zip(rows, positions, strict=True):
            if position is None or row.key in failed:
                failed.add(row.key)
            else:
                marks.append(
                    {
                        "row": row.seq,
                        "at": now,
                        "part": position.partition,
                        "off": position.offset,
                    }
                )
        if marks:
            with self._database.transaction() as tx:
                tx.execute(_MARK, marks)
        return len(marks)

    def _surviving_ends(self, positions: Sequence[Position | None]) -> Mapping[Partition, int]:
        """Where the log began again to give offsets that it had given before: it has lost all
        from there on.
        """
        ends: dict[Partition, int] = {}
        for position in positions:
            if position is not None:
                partition = Partition(position.topic, position.partition)
                if position.offset <= self._last.get(partition, -1):
                    ends.setdefault(partition, position.offset)
                self._last[partition] = position.offset
        return ends

    def _published(self) -> Mapping[Partition, int]:
        statement = _LAST_PUBLISHED.where(outbox.c.topic.in_(TOPICS)).group_by(
            outbox.c.topic, outbox.c.pub_partition
        )
        with self._database.reading() as session:
            return {
                Partition(topic, number): last for topic, number, last in session.execute(statement)
            }

    def _forget(self, partition: Partition, end: int) -> int:
        lost = and_(
            outbox.c.topic == partition.topic,
            outbox.c.pub_partition == partition.number,
            outbox.c.pub_offset >= end,
        )
        with self._database.transaction() as tx:
            statement = (
                update(outbox)
                .where(lost)
                .values(published_at=None, pub_partition=None, pub_offset=None)
            )
            return int(tx.execute(statement).rowcount)  # type: ignore[attr-defined]
