"""The topics: how many partitions each has, how Kafka is to keep them, and what a record may be.

Both settle for good where a key's events stand, so neither changes in a running installation.
"""

from collections.abc import Mapping, Sequence

from shared.events import CASES, DIRECTORY
from shared.messaging.log import Record

TOPIC_PARTITIONS: Mapping[str, int] = {CASES: 12, DIRECTORY: 1}

KAFKA_SETTINGS: Mapping[str, str] = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
    "unclean.leader.election.enable": "false",
}
"""What a topic must have; ``min.insync.replicas`` goes with the number of brokers besides."""

MAX_RECORD_BYTES = 1_000_000
"""Key, value and headers together: a little less than what a broker takes unless told otherwise."""


class RecordRefused(ValueError):
    """The log would never take this record; nothing of the same call was written."""

    def __init__(self, record: Record, reason: str) -> None:
        super().__init__(f"{record.topic} {record.key!r}: {reason}")
        self.record = record


class TopicDiffers(Exception):
    """A topic is there, but not as it must be: a mistake of the installation, not an outage."""


def check(records: Sequence[Record], topics: Mapping[str, int]) -> None:
    """Raises RecordRefused for the first that the log cannot take."""
    for record in records:
        if record.topic not in topics:
            raise RecordRefused(record, "there is no such topic")
        size = len(record.key.encode()) + len(record.value)
        size += sum(len(name) + len(value) for name, value in record.headers)
        if size > MAX_RECORD_BYTES:
            raise RecordRefused(record, f"{size} bytes are more than {MAX_RECORD_BYTES}")
