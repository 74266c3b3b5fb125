"""The event log on Apache Kafka: appending, and the way to its other parts."""

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kafka.errors import KafkaError

from shared.failpoints import reach
from shared.messaging.kafka_log.brokers import Brokers
from shared.messaging.kafka_log.clients import close_producer, new_consumer, new_producer
from shared.messaging.kafka_log.reader import Reader
from shared.messaging.kafka_log.subscription import KafkaSubscription
from shared.messaging.log import LogUnavailable, Partition, Position, Record, StoredRecord
from shared.messaging.topics import TOPIC_PARTITIONS, check
from shared.messaging.watchdog import StallWatchdog, end_process

logger = logging.getLogger(__name__)


class KafkaLog:
    """An EventLog. The partition is Kafka's own choice by the key (murmur2), as of any producer.

    kafka-python's clients have threads of their own and do not survive a fork, so they are made
    at first use, and the log refuses to work in any other process than that. With ``instance_id``,
    different for each process of a group, its member keeps its partitions over a restart shorter
    than the session time-out, and no other takes them before that.
    """

    def __init__(
        self,
        bootstrap: Sequence[str],
        *,
        client_id: str,
        instance_id: str | None = None,
        session_timeout_ms: int = 10_000,
        delivery_timeout_ms: int = 30_000,
        topics: Mapping[str, int] = TOPIC_PARTITIONS,
        on_stall: Callable[[], None] = end_process,
    ) -> None:
        """``delivery_timeout_ms``: how long an append tries before it gives up; longer than the
        6 s that a cluster may need to replace a broker.
        """
        self._client = {"bootstrap_servers": list(bootstrap), "client_id": client_id}
        self._instance_id = instance_id
        self._session_timeout_ms = session_timeout_ms
        self._delivery_timeout_ms = delivery_timeout_ms
        self._topics = topics
        self._on_stall = on_stall
        self._brokers = Brokers(self._client, topics)
        self._reader = Reader(self._client)
        self._pid: int | None = None
        self._mutex = threading.Lock()
        self._producer: Any = None

    def append(self, records: Sequence[Record]) -> Sequence[Position | None]:
        """Raises RecordRefused, and writes nothing, when a record can never be taken."""
        check(records, self._topics)
        if not records:
            return []
        producer = self._opened_producer()
        reach("log.appending")
        futures = self._send(producer, records)
        reach("log.appended")
        placed = [_position(future) for future in futures]
        placed += [None] * (len(records) - len(placed))
        if None in placed:
            self._discard(producer)
        if not any(placed):
            raise LogUnavailable(f"nothing written: {_reason(futures)}")
        return placed

    def subscribe(self, group: str, topics: Sequence[str]) -> KafkaSubscription:
        self._stay_in_process()
        consumer = new_consumer(
            self._client,
            topics,
            group=group,
            instance_id=self._instance_id,
            session_timeout_ms=self._session_timeout_ms,
        )
        watchdog = StallWatchdog(on_stall=self._on_stall)
        most = max(self._topics[topic] for topic in topics)
        return KafkaSubscription(
            consumer,
            self._brokers.ends,
            watchdog,
            spare=lambda: self._brokers.members(group) > most,
        )

    def begins(self, topic: str) -> Mapping[Partition, int]:
        self._stay_in_process()
        return self._brokers.begins(topic)

    def ends(self, topic: str) -> Mapping[Partition, int]:
        self._stay_in_process()
        return self._brokers.ends(topic)

    def read(self, places: Mapping[Partition, int]) -> Mapping[Partition, StoredRecord]:
        self._stay_in_process()
        return self._reader.read(places)

    def identity(self, topic: str) -> str:
        self._stay_in_process()
        return self._brokers.identity(topic)

    def ensure_topics(self) -> None:
        """Make the topics that are missing. Raises TopicDiffers for one that was made otherwise
        than it must be, and LogUnavailable.
        """
        self._stay_in_process()
        self._brokers.ensure_topics()

    def close(self) -> None:
        if self._pid == os.getpid():
            if self._producer is not None:
                self._discard(self._producer)
            self._reader.close()
            self._brokers.close()

    def _stay_in_process(self) -> None:
        with self._mutex:
            if self._pid is None:
                self._pid = os.getpid()
        if self._pid != os.getpid():
            raise RuntimeError("this log was used before the fork; make it after")

    def _opened_producer(self) -> Any:
        self._stay_in_process()
        with self._mutex:
            if self._producer is None:
                self._producer = new_producer(self._client, self._delivery_timeout_ms)
            return self._producer

    def _send(self, producer: Any, records: Sequence[Record]) -> list[Any]:
        """A future for each record that was handed over, done if the log answered in time."""
        futures: list[Any] = []
        try:
            for record in records:
                key, headers = record.key.encode(), list(record.headers)
                futures.append(producer.send(record.topic, record.value, key, headers))
        except KafkaError as error:
            logger.warning("%d of %d records not sent: %s", len(futures), len(records), error)
        try:
            producer.flush(self._delivery_timeout_ms / 1000 + 1)
        except KafkaError as error:
            logger.warning("not all acknowledged: %s", error)
        return futures

    def _discard(self, producer: Any) -> None:
        """The next append begins with a new one: nothing of a failed batch lingers in it."""
        with self._mutex:
            if self._producer is producer:
                self._producer = None
        close_producer(producer)


def _position(future: Any) -> Position | None:
    """None also for what is written, but at an offset that the broker no longer remembers."""
    if not future.succeeded() or future.value.offset < 0:
        return None
    return Position(future.value.topic, future.value.partition, future.value.offset)


def _reason(futures: Sequence[Any]) -> str:
    for future in futures:
        if future.exception is not None:
            return str(future.exception) or type(future.exception).__name__
    return "no broker answers"
