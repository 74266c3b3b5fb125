"""The topics: how many partitions each has, how Kafka is to keep them, and what a record may be.

Both settle for good where a key's events stand, so neither changes in a running installation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
"""What a topic must have, however many brokers there are."""

MOST_COPIES = 3

MAX_RECORD_BYTES = 1_000_000
"""Key, value and headers together: a little less than what a broker takes unless told otherwise."""


class RecordRefused(ValueError):
    """The log would never take this record; nothing of the same call was written."""

    def __init__(self, record: Record, reason: str) -> None:
        super().__init__(f"{record.topic} {record.key!r}: {reason}")
        self.record = record


class TopicDiffers(Exception):
    """A topic is there, but not as it must be: a mistake of the installation, not an outage."""


@dataclass(frozen=True, kw_only=True)
class TopicMade:
    """A topic as Kafka has it; ``copies`` of the partition that has fewest."""

    partitions: int
    copies: int
    settings: Mapping[str, str]


def kafka_settings(copies: int) -> Mapping[str, str]:
    """With three copies two must have a record before it is acknowledged: one may be away."""
    return {**KAFKA_SETTINGS, "min.insync.replicas": str(max(1, copies - 1))}


def difference(made: TopicMade, partitions: int, copies: int) -> str | None:
    """What is not as it must be, or None. More copies than are needed are well."""
    if made.partitions != partitions:
        return f"partitions is {made.partitions}, not {partitions}"
    if made.copies < copies:
        return f"replication factor is {made.copies}, not {copies}"
    for setting, wanted in kafka_settings(made.copies).items():
        if made.settings[setting] != wanted:
            return f"{setting} is {made.settings[setting]}, not {wanted}"
    return None


def check(records: Sequence[Record], topics: Mapping[str, int]) -> None:
    """Raises RecordRefused for the first that the log cannot take."""
    for record in records:
        if record.topic not in topics:
            raise RecordRefused(record, "there is no such topic")
        size = len(record.key.encode()) + len(record.value)
        size += sum(len(name) + len(value) for name, value in record.headers)
        if size > MAX_RECORD_BYTES:
            raise RecordRefused(record, f"{size} bytes are more than {MAX_RECORD_BYTES}")
