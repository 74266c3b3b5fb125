"""The event log in one SQLite file: durable, for all processes of one machine, without a broker."""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4
from zlib import crc32

import msgspec

from shared.clock import Clock, utc_now
from shared.failpoints import reach
from shared.messaging.log import Partition, Position, Record, StoredRecord
from shared.messaging.sqlite_file import SqliteFile
from shared.messaging.sqlite_subscription import (
    CONSUME,
    EPOCH,
    SELECT,
    Membership,
    SqliteSubscription,
    stored,
)
from shared.messaging.topics import TOPIC_PARTITIONS, TopicDiffers, check
from shared.messaging.wakeup import Wakeups

SCHEMA = """
CREATE TABLE IF NOT EXISTS topic (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, identity TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
    topic TEXT, part INTEGER, off INTEGER, key BLOB, value BLOB, headers BLOB NOT NULL,
    appended INTEGER NOT NULL, PRIMARY KEY (topic, part, off)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS group_offset (
    grp TEXT, topic TEXT, part INTEGER, next_off INTEGER NOT NULL, PRIMARY KEY (grp, topic, part)
) WITHOUT ROWID;
"""
INSERT = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)"
BEGIN = "SELECT coalesce(min(off), 0) FROM log WHERE topic = ? AND part = ?"
END = "SELECT coalesce(max(off) + 1, 0) FROM log WHERE topic = ? AND part = ?"
MICROSECOND = timedelta(microseconds=1)


class SqliteLog:
    """An EventLog. Constructing it touches nothing: the file is opened, or made, when first used.

    The partition is CRC-32 of the key modulo the number of partitions. An append is one
    transaction, all or nothing, and on the disk when it returns. Wake-ups named ``consume:GROUP``
    wake that group's owner; without them it looks for new records every 10 to 250 ms.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        wakeups: Wakeups | None = None,
        clock: Clock = utc_now,
        topics: Mapping[str, int] = TOPIC_PARTITIONS,
        busy_seconds: float = 5.0,
    ) -> None:
        """``busy_seconds``: how long to wait for a stranger who keeps the file locked."""
        self._path = Path(path)
        self._wakeups = wakeups
        self._clock = clock
        self._topics = topics
        self._busy_seconds = busy_seconds
        self._file = SqliteFile(self._path, SCHEMA, durable=True, busy_seconds=busy_seconds)

    def append(self, records: Sequence[Record]) -> Sequence[Position]:
        """Raises RecordRefused, and writes nothing, when a record can never be taken."""
        check(records, self._topics)
        if not records:
            return []
        with self._file.writing() as connection:
            for topic in {record.topic for record in records}:
                self._ensure(connection, topic)
            placed = self._place(connection, records)
            appended = _microseconds(self._clock())
            rows = [
                (*at, record.key.encode(), record.value, _packed(record), appended)
                for at, record in zip(placed, records, strict=True)
            ]
            reach("log.appending")
            connection.executemany(INSERT, rows)
        reach("log.appended")
        if self._wakeups is not None:
            self._wakeups.wake_all(CONSUME)
        return placed

    def subscribe(self, group: str, topics: Sequence[str]) -> SqliteSubscription:
        """One member of a group owns every partition; the others wait until it closes or dies.

        The group is one set of topics: two different ones need two group names.
        """
        if not re.fullmatch(r"[A-Za-z0-9._-]+", group):
            raise ValueError(f"{group!r}: not a name for a group")
        return SqliteSubscription(
            group=group,
            partitions=[p for topic in topics for p in self._partitions(topic)],
            file=SqliteFile(self._path, SCHEMA, durable=False, busy_seconds=self._busy_seconds),
            membership=Membership(self._path.with_name(f"{self._path.name}.{group}.lock")),
            wakeups=self._wakeups,
        )

    def begins(self, topic: str) -> Mapping[Partition, int]:
        with self._file.reading() as connection:
            return {p: _offset(connection, BEGIN, p) for p in self._partitions(topic)}

    def ends(self, topic: str) -> Mapping[Partition, int]:
        with self._file.reading() as connection:
            return {p: _offset(connection, END, p) for p in self._partitions(topic)}

    def read(self, places: Mapping[Partition, int]) -> Mapping[Partition, StoredRecord]:
        found = {}
        with self._file.reading() as connection:
            for partition, offset in places.items():
                for row in connection.execute(SELECT, (*partition, offset, 1)).fetchall():
                    if row[0] == offset:
                        found[partition] = stored(partition, row)
        return found

    def identity(self, topic: str) -> str:
        """Raises TopicDiffers when the file was made for another number of partitions."""
        with self._file.reading() as connection:
            known = self._known(connection, topic)
        if known is None:
            with self._file.writing() as connection:
                known = self._ensure(connection, topic)
        return known

    def ensure_topics(self) -> None:
        """Raises TopicDiffers or LogUnavailable."""
        for topic in self._topics:
            self.identity(topic)

    def close(self) -> None:
        self._file.close()

    def _partitions(self, topic: str) -> list[Partition]:
        return [Partition(topic, number) for number in range(self._topics[topic])]

    def _place(
        self, connection: sqlite3.Connection, records: Sequence[Record]
    ) -> Sequence[Position]:
        following: dict[Partition, Iterator[int]] = {}
        placed = []
        for record in records:
            number = crc32(record.key.encode()) % self._topics[record.topic]
            partition = Partition(record.topic, number)
            if partition not in following:
                following[partition] = count(_offset(connection, END, partition))
            placed.append(Position(*partition, next(following[partition])))
        return placed

    def _ensure(self, connection: sqlite3.Connection, topic: str) -> str:
        known = self._known(connection, topic)
        if known is None:
            known = uuid4().hex
            row = (topic, self._topics[topic], known)
            connection.execute("INSERT INTO topic VALUES (?, ?, ?)", row)
        return known

    def _known(self, connection: sqlite3.Connection, topic: str) -> str | None:
        select = "SELECT partitions, identity FROM topic WHERE name = ?"
        row: tuple[int, str] | None = connection.execute(select, (topic,)).fetchone()
        if row is None:
            return None
        partitions, identity = row
        if partitions != self._topics[topic]:
            raise TopicDiffers(f"{topic}: {partitions} partitions, not {self._topics[topic]}")
        return identity


def _offset(connection: sqlite3.Connection, select: str, partition: Partition) -> int:
    [(offset,)] = connection.execute(select, partition).fetchall()
    return int(offset)


def _packed(record: Record) -> bytes:
    return msgspec.msgpack.encode(record.headers)


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND
