"""Nothing committed is lost on the way to the log, and nothing overtakes its predecessor."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from shared.clock import utc_now
from shared.db import Database
from shared.db.message_tables import outbox
from shared.messaging import cleaning
from shared.messaging.cleaning import clean
from shared.messaging.delivery import read
from shared.messaging.log import LogUnavailable, Position, Record
from shared.messaging.relay import Relay
from shared.messaging.sqlite_log import SqliteLog
from tests.messaging.line import Line


class Faulty(SqliteLog):
    """The real log, which refuses what it is told to, as Kafka may."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.refuse: set[str] = set()
        self.away = False

    def append(  # type: ignore[override]  # the real one writes all or nothing
        self, records: Sequence[Record]
    ) -> Sequence[Position | None]:
        if self.away:
            raise LogUnavailable("away")
        kept = [record for record in records if record.key not in self.refuse]
        positions = iter(super().append(kept) if kept else [])
        return [None if record.key in self.refuse else next(positions) for record in records]


@pytest.fixture
def faulty(tmp_path: Path) -> Faulty:
    return Faulty(tmp_path / "faulty.sqlite")


@pytest.fixture
def line(producer: Database, faulty: Faulty, database: Database) -> Line:
    return Line(producer, faulty, database)


def unpublished(line: Line) -> int:
    statement = select(func.count()).where(outbox.c.published_at.is_(None))
    with line.producer.reading() as session:
        return session.execute(statement).scalar_one()


def test_what_the_log_refused_goes_out_later_and_others_do_not_wait(
    line: Line, faulty: Faulty
) -> None:
    refused, other = uuid4(), uuid4()
    for revision in (1, 2):
        line.send(refused, revision)
        line.send(other, revision)
    faulty.refuse = {str(refused)}

    line.relay.step()
    line.consume()
    assert (line.done(refused), line.done(other), unpublished(line)) == ([], [1, 2], 2)

    faulty.refuse = set()
    line.run()
    assert line.done(refused) == [1, 2]


def test_while_the_log_is_away_everything_waits_in_the_outbox(line: Line, faulty: Faulty) -> None:
    case = uuid4()
    faulty.away = True
    line.send(case, 1)
    with pytest.raises(LogUnavailable):
        line.relay.step()

    faulty.away = False
    line.run()

    assert line.done(case) == [1]


def test_a_crash_between_append_and_mark_sends_again_and_is_handled_once(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = uuid4()
    line.send(case, 1)
    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(Relay, "_mark", _crash)
        line.relay.step()

    line.run()

    ends = line.log.ends("hemu.cases")
    assert sum(ends.values()) == 2
    assert line.done(case) == [1]


def test_what_a_log_has_lost_is_sent_again_before_anything_newer(
    line: Line, tmp_path: Path, database: Database
) -> None:
    case = uuid4()
    for revision in (1, 2):
        line.send(case, revision)
    line.publish()
    empty = Line(line.producer, SqliteLog(tmp_path / "empty.sqlite"), database)
    line.send(case, 3)

    assert empty.relay.heal() == 2
    empty.run()

    assert empty.done(case) == [1, 2, 3]


def test_what_was_lost_stands_in_the_log_before_anything_newer(line: Line, tmp_path: Path) -> None:
    case = uuid4()
    for revision in (1, 2):
        line.send(case, revision)
    line.publish()
    log = SqliteLog(tmp_path / "empty.sqlite")
    again = Relay(line.producer, log)
    line.send(case, 3)

    while again.step():
        pass

    [partition] = [place for place, end in log.ends("hemu.cases").items() if end]
    found = [log.read({partition: offset})[partition] for offset in range(3)]
    assert [read(record).envelope.sequence for record in found] == [1, 2, 3]


def test_a_shorter_log_is_noticed_by_the_offsets_it_gives(
    line: Line, tmp_path: Path, database: Database
) -> None:
    case: UUID = uuid4()
    for revision in (1, 2, 3):
        line.send(case, revision)
    line.publish()
    line.relay._log = SqliteLog(tmp_path / "empty.sqlite")
    line.send(case, 4)

    line.publish()

    empty = Line(line.producer, line.relay._log, database)
    empty.consume()
    empty.consumer.unpark()
    assert empty.done(case) == [1, 2, 3, 4]


def test_the_outbox_keeps_what_it_has_published_for_35_days(line: Line) -> None:
    line.send(uuid4(), 1)
    line.publish()

    line.producer.clock = lambda: utc_now() + timedelta(days=34)
    assert clean(line.producer) == 0
    line.producer.clock = lambda: utc_now() + timedelta(days=36)
    assert clean(line.producer) == 1


def test_what_is_old_is_deleted_in_batches(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "BATCH", 2)
    for _ in range(3):
        line.send(uuid4(), 1)
    line.publish()

    line.producer.clock = lambda: utc_now() + timedelta(days=36)

    assert [clean(line.producer) for _ in range(3)] == [2, 1, 0]


def _crash(*_arguments: object) -> int:
    raise InterruptedError
