"""Members of consumer groups that read the event log on Apache Kafka."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import (
    CommitFailedError,
    KafkaError,
    RebalanceInProgressError,
    RetriableError,
)

from shared.messaging.log import LogUnavailable, Partition, StoredRecord
from shared.messaging.watchdog import StallWatchdog

SLICE = 0.1
"""Seconds of one poll of the client: how soon a closed member notices."""
CLOSE_MS = 500
HANGS_AFTER = 20.0
"""Seconds of one poll of the client, of which a tenth was asked for."""
POSITIONS_EVERY = 1.0
LOST_LOOKS = 10
"""Looks in a row, while polling, that found no group coordinator, nothing that is ours, or no
position in it: after a broker has lost its data the client may wait for any of them for ever, and
a new one finds them at once.
"""

INFORMATION = (CommitFailedError, RebalanceInProgressError, RetriableError)
"""Errors of a poll that pass by themselves."""

logger = logging.getLogger(__name__)


class KafkaSubscription:
    """A Subscription. Commits are sent without waiting; the last ones are waited for in close."""

    def __init__(
        self,
        consumer: Any,
        ends: Callable[[str], Mapping[Partition, int]],
        watchdog: StallWatchdog,
        *,
        spare: Callable[[], bool],
    ) -> None:
        """``spare``: whether the group has so many members that one may rightly have nothing."""
        self._consumer = consumer
        self._ends = ends
        self._spare = spare
        self._watchdog = watchdog
        self._pid = os.getpid()
        self._mutex = threading.Lock()
        self._closed = threading.Event()
        self._left = False
        self._uncertain: dict[Partition, int] = {}
        self._positions: Mapping[Partition, int] = {}
        self._refreshed = 0.0
        self._lost_looks = 0
        self._polled = False
        self._polling_since: float | None = None
        threading.Thread(
            target=watchdog.watch,
            args=(self._behind, self._closed),
            name="kafka-stall",
            daemon=True,
        ).start()

    def poll(
        self, timeout: float, max_records: int = 200
    ) -> Mapping[Partition, Sequence[StoredRecord]]:
        if self._pid != os.getpid():
            raise RuntimeError("this member was made before the fork; make it after")
        deadline = time.monotonic() + timeout
        while not self._closed.is_set():
            remaining = max(0.0, deadline - time.monotonic())
            found = self._poll_once(min(SLICE, remaining), max_records)
            if found or not remaining:
                return found
        self._leave(patience=-1)
        return {}

    def assignment(self) -> frozenset[Partition]:
        if self._closed.is_set():
            return frozenset()
        return frozenset(Partition(*place) for place in self._consumer.assignment())

    def seek(self, partition: Partition, offset: int) -> None:
        self._consumer.seek(TopicPartition(*partition), offset)
        self._positions = {**self._positions, partition: offset}

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        assigned = self.assignment()
        mine = {partition: offset for partition, offset in offsets.items() if partition in assigned}
        if mine:
            self._uncertain.update(mine)
            self._quietly(lambda: self._consumer.commit_async(_to_commit(mine)))

    def close(self) -> None:
        self._closed.set()
        self._leave(patience=2 * SLICE)

    def _poll_once(
        self, seconds: float, max_records: int
    ) -> Mapping[Partition, Sequence[StoredRecord]]:
        with self._mutex:
            if self._closed.is_set():
                return {}
            self._polled, self._polling_since = True, time.monotonic()
            try:
                found = self._consumer.poll(int(seconds * 1000), max_records)
                self._refresh_positions()
            except INFORMATION as error:
                logger.info("while polling: %s", error)
                self._closed.wait(seconds)
                return {}
            except KafkaError as error:
                raise LogUnavailable(str(error) or type(error).__name__) from error
            finally:
                self._polling_since = None
        records = {Partition(*at): [stored(record) for record in of] for at, of in found.items()}
        self._positions = {**self._positions, **{p: r[-1].offset + 1 for p, r in records.items()}}
        self._watchdog.delivered(records)
        return records

    def _refresh_positions(self) -> None:
        """Now and then, for the watchdog: the client also steps over what it does not deliver."""
        now = time.monotonic()
        if now - self._refreshed > POSITIONS_EVERY:
            self._refreshed = now
            places = self._consumer.assignment()
            found = {Partition(*place): self._consumer.position(place, 0) for place in places}
            self._positions = {
                place: offset for place, offset in found.items() if offset is not None
            }
            self._notice_loss(len(found), len(self._positions))

    def _notice_loss(self, mine: int, placed: int) -> None:
        """Raises LogUnavailable when it has lasted for too long."""
        unknown = self._consumer._coordinator.coordinator_unknown()  # noqa: SLF001 – not public
        lost = unknown or not mine or placed < mine
        self._lost_looks = self._lost_looks + 1 if lost else 0
        if self._lost_looks > LOST_LOOKS:
            self._lost_looks = 0
            if unknown or mine or not self._spare():
                raise LogUnavailable("no place in the group")

    def _behind(self) -> list[object]:
        """What should get records and is being polled."""
        polled, self._polled = self._polled, False
        since, positions = self._polling_since, self._positions
        if since is not None and time.monotonic() - since > HANGS_AFTER:
            self._watchdog.end("a poll hangs")
        if not polled:
            return []  # the consumer is busy with something else
        mine = self.assignment() & positions.keys()
        ends: dict[Partition, int] = {}
        for topic in {partition.topic for partition in mine}:
            ends.update(self._ends(topic))
        return [partition for partition in mine if positions[partition] < ends[partition]]

    def _leave(self, patience: float) -> None:
        """Leave the group, unless another thread is still in its poll: then that one does."""
        if not self._mutex.acquire(timeout=patience):
            return
        try:
            if not self._left:
                self._left = True
                self._quietly(self._commit_uncertain)
                self._quietly(lambda: self._consumer.close(autocommit=False, timeout_ms=CLOSE_MS))
        finally:
            self._mutex.release()

    def _commit_uncertain(self) -> None:
        assigned = self._consumer.assignment()
        last = {at: of for at, of in _to_commit(self._uncertain).items() if at in assigned}
        self._consumer.commit(last, timeout_ms=CLOSE_MS)

    def _quietly(self, call: Callable[[], object]) -> None:
        try:
            call()
        except (KafkaError, RuntimeError) as error:
            logger.info("offsets or membership of a group: %r", error)


def _to_commit(offsets: Mapping[Partition, int]) -> dict[Any, Any]:
    return {TopicPartition(*p): OffsetAndMetadata(offset, "", -1) for p, offset in offsets.items()}


def stored(record: Any) -> StoredRecord:
    return StoredRecord(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers) if all(v for _, v in record.headers) else _named(record),
        appended_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
    )


def _named(record: Any) -> tuple[tuple[str, bytes], ...]:
    """A stranger may write a header without a value."""
    return tuple((name, value or b"") for name, value in record.headers)
