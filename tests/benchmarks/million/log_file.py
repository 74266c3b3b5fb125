"""What is young enough to stand in an outbox stands in the log, too, at the same place; older
records are left out, as if a log had begun later.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from shared.events import Envelope
from shared.events.codec import headers
from shared.messaging.log import Partition, mark
from shared.messaging.sqlite_log import SqliteLog
from tests.benchmarks.million.templates import CASES

INSERT = "INSERT OR IGNORE INTO log VALUES (?, ?, ?, ?, ?, ?, ?)"
PUBLISHERS = ("intake", "mediation", "referral")
SELECT = """
SELECT * FROM outbox WHERE topic = ? AND published_at IS NOT NULL ORDER BY pub_partition, pub_offset
"""


def fill_log(home: Path, ends: dict[int, int]) -> None:
    """``ends`` are the offsets at which the partitions must end. Raises ValueError when not."""
    log = sqlite3.connect(home / "log.sqlite", isolation_level=None)
    log.execute("PRAGMA synchronous=OFF").fetchall()
    log.execute("BEGIN")
    for service in PUBLISHERS:
        log.executemany(INSERT, _records(home, service))
    for part, following in ends.items():
        update = "UPDATE group_offset SET next_off = ? WHERE topic = ? AND part = ?"
        log.execute(update, (following, CASES, part))
    log.execute("COMMIT")
    found = dict(
        log.execute(
            "SELECT part, max(off) + 1 FROM log WHERE topic = ? GROUP BY part", (CASES,)
        ).fetchall()
    )
    log.close()
    if found != ends:
        raise ValueError(f"the log ends at {found}, not at {ends}")


def mark_places(home: Path, ends: dict[int, int]) -> None:
    """Have each consumer know the last record it read, as if it had read it."""
    log = SqliteLog(home / "log.sqlite")
    last = {Partition(CASES, part): following - 1 for part, following in ends.items()}
    marks = {place.number: mark(record) for place, record in log.read(last).items()}
    log.close()
    update = "UPDATE consumer_offset SET mark = ? WHERE topic = ? AND part = ?"
    for service in (*PUBLISHERS, "ops"):
        database = sqlite3.connect(home / f"{service}.sqlite")
        database.executemany(update, [(text, CASES, part) for part, text in marks.items()])
        database.commit()
        database.close()


def _records(home: Path, service: str) -> Iterator[tuple[object, ...]]:
    database = sqlite3.connect(home / f"{service}.sqlite")
    database.row_factory = sqlite3.Row
    for row in database.execute(SELECT, (CASES,)):
        envelope = Envelope(
            id=UUID(row["event_id"]),
            source=f"/{service}",
            type=row["type"],
            time=_moment(row["time"]),
            subject=row["key"],
            sequence=row["kseq"],
            correlation_id=UUID(row["correlation_id"]),
            causation_id=UUID(row["causation_id"]) if row["causation_id"] else None,
            actor=row["actor"],
            traceparent=row["traceparent"],
            data=row["data"],
        )
        packed = msgspec.msgpack.encode(headers(envelope))
        appended = int(_moment(row["published_at"]).timestamp() * 1_000_000)
        place = (CASES, row["pub_partition"], row["pub_offset"])
        yield (*place, row["key"].encode(), row["data"], packed, appended)
    database.close()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
