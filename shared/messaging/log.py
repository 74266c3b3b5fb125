"""The event log: the interface that both logs implement, and one test suite that both pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple, Protocol


class LogUnavailable(Exception):
    """The log cannot be reached or written now; the same call may succeed later."""


class Partition(NamedTuple):
    topic: str
    number: int


class Position(NamedTuple):
    """Where a record stands: offsets of one partition count from 0 without a gap."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Record:
    """One event on its way: records with the same topic and key keep their order."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class StoredRecord:
    """A record as read. ``key`` and ``value`` may be anything: strangers can write to a topic.
    ``appended_at`` is the log's own time of the append.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    appended_at: datetime


def mark(record: Record | StoredRecord) -> str:
    """A fingerprint of what was written: two records of one place with the same mark are one. A
    log that has lost its end and grown again has other records at the offsets it had given before.
    """
    key = record.key.encode() if isinstance(record.key, str) else record.key or b""
    digest = blake2b(key, digest_size=12)
    digest.update(record.value or b"")
    for name, raw in record.headers:
        digest.update(name.encode())
        digest.update(raw)
    return digest.hexdigest()


class Subscription(Protocol):
    """One member of a consumer group. Not thread-safe, but for ``wake`` and ``close``.

    The group's partitions are shared out among its members; a partition belongs to one member at
    a time, and moves when its member closes or dies. Delivery is at least once: after a hand-over
    or a restart, reading goes on at the last committed offset, or at the beginning.
    """

    def poll(
        self, timeout: float, max_records: int = 200
    ) -> Mapping[Partition, Sequence[StoredRecord]]:
        """The next records per partition, in order; empty when ``timeout`` seconds pass without
        one or when closed meanwhile. Raises LogUnavailable.
        """

    def assignment(self) -> frozenset[Partition]:
        """The partitions that are this member's now."""

    def seek(self, partition: Partition, offset: int) -> None:
        """Deliver from this offset on; the partition must be assigned."""

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Remember, for the group, the next offset to read. Best effort on a moved partition."""

    def close(self) -> None:
        """Leave the group; may be called from another thread while ``poll`` waits."""


class EventLog(Protocol):
    """A durable log: what ``append`` returned a position for survives a crash."""

    def append(self, records: Sequence[Record]) -> Sequence[Position | None]:
        """Write records in order; thread-safe. None stands for a record that was not (known to
        be) written: the caller appends it again. Raises LogUnavailable when none was.
        """

    def subscribe(self, group: str, topics: Sequence[str]) -> Subscription: ...

    def begins(self, topic: str) -> Mapping[Partition, int]:
        """First offset still there, per partition. Raises LogUnavailable."""

    def ends(self, topic: str) -> Mapping[Partition, int]:
        """Next offset to be written, per partition. Raises LogUnavailable."""

    def read(self, places: Mapping[Partition, int]) -> Mapping[Partition, StoredRecord]:
        """The record at one offset of each of these partitions, where there is one. Raises
        LogUnavailable.
        """

    def identity(self, topic: str) -> str:
        """Changes when the topic was deleted and made again. Raises LogUnavailable."""

    def ensure_topics(self) -> None:
        """Make the topics that are not there yet. Raises TopicDiffers for one that is not as it
        must be, and LogUnavailable.
        """

    def close(self) -> None: ...
