"""The relay: moves committed events from a service's outbox to the log, in order.

One relay per service is active (a role lock sees to it). It marks a row only after the log has
acknowledged it, so a crash in between sends the row again; consumers notice by the event's id.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, bindparam, select, update

from shared.clock import Clock, utc_now
from shared.db import Database
from shared.db.message_tables import outbox
from shared.events import Envelope
from shared.events.codec import headers
from shared.failpoints import reach
from shared.messaging.log import EventLog, Partition, Position, Record
from shared.messaging.losses import first_lost, last_published
from shared.telemetry import RELAY_BATCH_SIZE, RELAY_PUBLISH, logger

BATCH = 500

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
QUIET = 1.0
"""Seconds. No broker loses its end without being away for longer than this, so who has just written
to it need not look."""


class Relay:
    def __init__(self, database: Database, log: EventLog, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._last: dict[Partition, int] | None = None
        self._heard = float("-inf")

    def step(self) -> int:
        """Publish at most one batch; how many rows are now published. What the log has lost goes
        out before anything new. Raises LogUnavailable.
        """
        rows = self._unpublished()
        if not rows:
            return 0
        began = time.monotonic()
        if began - self._heard > QUIET and self.heal():
            rows = self._unpublished()
        reach("relay.read")
        positions = self._log.append([self._record(row) for row in rows])
        reach("relay.appended")
        self._heard = time.monotonic()
        if self._heard - began > QUIET or self._goes_back(positions):
            self.heal()  # before these are marked: they are no part of what was lost
        marked = self._mark(rows, positions)
        reach("relay.marked")
        RELAY_BATCH_SIZE.labels(self._database.name).observe(len(rows))
        RELAY_PUBLISH.labels(self._database.name, "published").inc(marked)
        RELAY_PUBLISH.labels(self._database.name, "refused").inc(len(rows) - marked)
        return marked

    def _unpublished(self) -> Sequence[Row[Any]]:
        with self._database.looking() as connection:
            return connection.execute(_UNPUBLISHED).all()

    def heal(self) -> int:
        """Put rows that the log has lost back to unpublished, so that they go out again; how many.
        Call at the start and now and then. Raises LogUnavailable.
        """
        with self._database.looking() as connection:
            if self._last is None:
                self._last = last_published(connection)
            lost = first_lost(connection, self._log, self._last)
        if not lost:
            return 0
        reach("relay.healing")
        for partition, offset in lost.items():
            logger().error(
                "log.shorter",
                service=self._database.name,
                topic=partition.topic,
                partition=partition.number,
                offset=offset,
            )
        forgotten = sum(self._forget(partition, offset) for partition, offset in lost.items())
        self._last = None  # to be looked up again
        return forgotten

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
        marks: list[dict[str, Any]] = []
        for row, position in zip(rows, positions, strict=True):
            if position is None or row.key in failed:
                failed.add(row.key)
            else:
                marks.append(
                    {
                        "row": row.seq,
                        "topic": row.topic,
                        "at": now,
                        "part": position.partition,
                        "off": position.offset,
                    }
                )
        if marks:
            with self._database.transaction() as tx:
                tx.execute(_MARK, marks)
                reach("relay.marking")
            self._remember(marks)
        return len(marks)

    def _remember(self, marks: Sequence[Mapping[str, Any]]) -> None:
        if self._last is not None:
            for each in marks:
                self._last[Partition(each["topic"], each["part"])] = each["off"]

    def _goes_back(self, positions: Sequence[Position | None]) -> bool:
        """Whether the log gives offsets that it had given before: it has lost its end."""
        last = self._last or {}
        return any(
            at is not None and at.offset <= last.get(Partition(at.topic, at.partition), -1)
            for at in positions
        )

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
