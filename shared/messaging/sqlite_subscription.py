"""Members of consumer groups that read the event log in an SQLite file."""

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from shared.messaging.log import LogUnavailable, Partition, StoredRecord
from shared.messaging.sqlite_file import SqliteFile
from shared.messaging.wakeup import Wakeups

CONSUME = "consume:"
SELECT = (
    "SELECT off, key, value, headers, appended FROM log"
    " WHERE topic = ? AND part = ? AND off >= ? ORDER BY off LIMIT ?"
)
ANY = "SELECT ? WHERE EXISTS (SELECT 1 FROM log WHERE topic = ? AND part = ? AND off >= ?)"
COMMIT = "REPLACE INTO group_offset VALUES (?, ?, ?, ?)"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FIRST_LOOK, LONGEST_PAUSE = 0.01, 0.25
"""Seconds between two looks for records when nobody wakes the owner; longer while none come."""
COMMIT_EVERY = 1.0
"""Seconds between two commits: each is a write that appends would have to wait for."""
STANDBY = 0.1
"""Seconds between two tries to take over from the owner."""

logger = logging.getLogger(__name__)
headers_of = msgspec.msgpack.Decoder(tuple[tuple[str, bytes], ...]).decode


class Membership:
    """The right to read for a group: a ``flock`` that the kernel takes back from the dead."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: int | None = None

    @property
    def owned(self) -> bool:
        return self._lock is not None

    def take(self) -> bool:
        """True when it is ours; raises LogUnavailable."""
        if self._lock is not None:
            return True
        try:
            lock = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LogUnavailable(f"{self._path}: {error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def leave(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class SqliteSubscription:
    """A Subscription. Commits are written once a second and at the end, and reach the disk with
    the next append: a crash may take the last ones back, and their records come again. A member's
    process must not fork: the child would keep the membership alive.
    """

    def __init__(
        self,
        *,
        group: str,
        partitions: Sequence[Partition],
        file: SqliteFile,
        membership: Membership,
        wakeups: Wakeups | None,
    ) -> None:
        self._group = group
        self._partitions = list(partitions)
        self._file = file
        self._membership = membership
        self._name = f"{CONSUME}{group}"
        self._wakeups = wakeups if wakeups is not None and self._name in wakeups else None
        self._next: dict[Partition, int] = {}
        self._uncommitted: dict[Partition, int] = {}
        self._committed_at = 0.0
        self._any = " UNION ALL ".join([ANY] * len(partitions))
        self._read_from: tuple[int, int] | None = None
        self._pid = os.getpid()
        self._mutex = threading.Lock()
        self._closed = threading.Event()

    def poll(
        self, timeout: float, max_records: int = 200
    ) -> Mapping[Partition, Sequence[StoredRecord]]:
        deadline = time.monotonic() + timeout
        pause = FIRST_LOOK
        while not self._closed.is_set():
            with self._mutex:
                records = self._read(max_records) if self._owning() else {}
                if not records:
                    self._write_commits()
            remaining = deadline - time.monotonic()
            if records or remaining <= 0:
                return records
            self._wait(remaining, pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        return {}

    def assignment(self) -> frozenset[Partition]:
        return frozenset(self._next)

    def seek(self, partition: Partition, offset: int) -> None:
        if partition not in self._next:
            raise ValueError(f"{partition} is not assigned")
        self._next[partition] = offset

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        with self._mutex:
            self._uncommitted |= {p: offset for p, offset in offsets.items() if p in self._next}
            self._write_commits()

    def close(self) -> None:
        self._closed.set()
        if self._wakeups is not None:
            self._wakeups.wake(self._name)
        with self._mutex:
            self._write_commits(now=True)
            self._next = {}
            self._file.close()
            self._membership.leave()

    def _owning(self) -> bool:
        """Take over if possible. Whoever is new to the group, or finds a new file, goes on where
        the group stopped.
        """
        if self._pid != os.getpid():
            raise RuntimeError("this member was made before the fork; make it after")
        if self._closed.is_set() or not self._membership.take():
            return False
        with self._file.reading() as connection:
            if self._read_from != self._file.inode:
                self._next, self._uncommitted = self._committed(connection), {}
                self._read_from = self._file.inode
        return True

    def _committed(self, connection: sqlite3.Connection) -> dict[Partition, int]:
        select = "SELECT topic, part, next_off FROM group_offset WHERE grp = ?"
        rows = connection.execute(select, (self._group,)).fetchall()
        known = {Partition(topic, part): offset for topic, part, offset in rows}
        return {p: known.get(p, 0) for p in self._partitions}

    def _read(self, max_records: int) -> dict[Partition, list[StoredRecord]]:
        found: dict[Partition, list[StoredRecord]] = {}
        room = max_records
        with self._file.reading() as connection:
            for partition in self._with_records(connection):
                wanted = (*partition, self._next[partition], room)
                rows = connection.execute(SELECT, wanted).fetchall()
                if rows:
                    found[partition] = [stored(partition, row) for row in rows]
                    room -= len(rows)
                if room == 0:
                    break
        for partition, records in found.items():
            self._next[partition] = records[-1].offset + 1
        if room == 0:  # begin after the one that took the last place, lest it starve the others
            last = self._partitions.index(next(reversed(found)))
            self._partitions = self._partitions[last + 1 :] + self._partitions[: last + 1]
        return found

    def _with_records(self, connection: sqlite3.Connection) -> list[Partition]:
        """Most have none most of the time, and one question about all is cheaper than one each."""
        asked: list[object] = []
        for number, partition in enumerate(self._partitions):
            asked += (number, *partition, self._next[partition])
        found = connection.execute(self._any, asked).fetchall()
        return [self._partitions[number] for (number,) in found]

    def _write_commits(self, *, now: bool = False) -> None:
        due = now or time.monotonic() - self._committed_at > COMMIT_EVERY
        if not (self._uncommitted and due):
            return
        rows = [(self._group, *place, offset) for place, offset in self._uncommitted.items()]
        try:
            with self._file.writing() as connection:
                connection.executemany(COMMIT, rows)
        except LogUnavailable as error:
            logger.warning("offsets of group %s not committed: %s", self._group, error)
        self._uncommitted, self._committed_at = {}, time.monotonic()

    def _wait(self, remaining: float, pause: float) -> None:
        if not self._membership.owned:  # the wake-ups are for the owner
            self._closed.wait(min(remaining, STANDBY))
        elif self._wakeups is None:
            self._closed.wait(min(remaining, pause))
        else:
            self._wakeups.wait(self._name, min(remaining, LONGEST_PAUSE))


def stored(
    partition: Partition, row: tuple[int, bytes | None, bytes | None, bytes, int]
) -> StoredRecord:
    offset, key, value, headers, appended = row
    return StoredRecord(
        topic=partition.topic,
        partition=partition.number,
        offset=offset,
        key=key,
        value=value,
        headers=headers_of(headers),
        appended_at=EPOCH + timedelta(microseconds=appended),
    )
