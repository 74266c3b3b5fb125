"""Reads single records of the event log on Apache Kafka, wherever they stand."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from shared.messaging.kafka_log.clients import new_reader
from shared.messaging.kafka_log.subscription import stored
from shared.messaging.log import LogUnavailable, Partition, StoredRecord

SECONDS = 10.0
SLICE_MS = 100


class Reader:
    """Thread-safe; one client, made at first use and again after trouble."""

    def __init__(self, client: Mapping[str, Any]) -> None:
        self._client = client
        self._mutex = threading.Lock()
        self._consumer: Any = None

    def read(self, places: Mapping[Partition, int]) -> Mapping[Partition, StoredRecord]:
        """See EventLog. Raises LogUnavailable, also when no answer has come after ten seconds."""
        if not places:
            return {}
        with self._mutex:
            try:
                return self._read({TopicPartition(*place): at for place, at in places.items()})
            except (KafkaError, OSError) as error:
                self._discard()
                raise LogUnavailable(str(error) or type(error).__name__) from error

    def close(self) -> None:
        with self._mutex:
            self._discard()

    def _read(self, wanted: Mapping[Any, int]) -> Mapping[Partition, StoredRecord]:
        if self._consumer is None:
            self._consumer = new_reader(self._client)
        ends = self._ends(list(wanted))
        missing = {place for place, offset in wanted.items() if offset < ends[place]}
        self._consumer.assign(list(missing))
        for place in missing:
            self._consumer.seek(place, wanted[place])
        found = {}
        until = time.monotonic() + SECONDS
        while missing:
            if time.monotonic() > until:
                self._discard()
                raise LogUnavailable(f"no answer in {SECONDS:g} s")
            records = self._consumer.poll(SLICE_MS)
            for place in missing & records.keys():
                if records[place][0].offset == wanted[place]:  # not, where the log begins later
                    found[Partition(*place)] = stored(records[place][0])
            missing -= records.keys()
            # Not paused: of a partition that is, the client keeps what it has fetched, and where
            # that was more than one poll gives away it may never fetch from it again.
            self._consumer.assign(list(missing))
        return found

    def _ends(self, places: list[Any]) -> Mapping[Any, int]:
        for topic in {place.topic for place in places}:
            self._consumer.partitions_for_topic(topic)  # asks for a topic that it has not met yet
        try:
            ends: Mapping[Any, int] = self._consumer.end_offsets(places, timeout_ms=SECONDS * 1000)
        except KeyError as error:  # the client's own, for a partition without a leader
            self._discard()
            raise LogUnavailable(f"{error}: nobody knows where it ends") from error
        return ends

    def _discard(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            try:
                consumer.close(autocommit=False, timeout_ms=500)
            except KafkaError:
                pass  # it is gone either way
