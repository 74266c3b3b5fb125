"""Every event has its effect once, in the order of its case, whatever fails."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, update

from shared.clock import utc_now
from shared.db import Database
from shared.db.message_tables import consumer_offset, key_cursor, outbox, parked_key
from shared.errors import Rejected, Unavailable
from shared.events.intake import LeadRegistered
from shared.messaging import backbone
from shared.messaging.consumer import Consumer
from shared.messaging.log import Record
from shared.messaging.reactions import NotYet
from shared.messaging.sqlite_log import SqliteLog
from tests.messaging.line import Line


@pytest.fixture
def line(producer: Database, log: SqliteLog, database: Database) -> Line:
    return Line(producer, log, database)


@pytest.fixture
def case() -> UUID:
    return uuid4()


def refuse(revision: int) -> Callable[[LeadRegistered], None]:
    def check(event: LeadRegistered) -> None:
        if event.directory_revision == revision:
            raise Rejected("This case is not for us.")

    return check


def send_again(line: Line) -> None:
    """What a crash between append and mark does."""
    with line.producer.transaction() as tx:
        tx.execute(update(outbox).values(published_at=None))


def parked(line: Line) -> list[backbone.ParkedCase]:
    with line.database.reading() as session:
        return backbone.parked_cases(session)


def test_events_of_a_case_are_handled_in_order(line: Line, case: UUID) -> None:
    for revision in (1, 2, 3):
        line.send(case, revision)

    line.run()

    assert line.done(case) == [1, 2, 3]


def test_an_event_that_is_in_the_log_twice_is_handled_once(line: Line, case: UUID) -> None:
    line.send(case, 1)
    line.run()

    send_again(line)
    line.run()

    assert line.done(case) == [1]


def test_the_inbox_alone_recognises_a_repeated_event(line: Line, case: UUID) -> None:
    line.send(case, 1)
    line.run()
    with line.database.transaction() as tx:
        tx.execute(update(consumer_offset).values(next_off=0))
        tx.execute(delete(key_cursor))

    line.consumer = line.new_consumer()
    line.consume()

    assert line.done(case) == [1]


def test_what_was_handled_is_not_read_again_after_a_restart(line: Line, case: UUID) -> None:
    line.send(case, 1)
    line.run()

    line.subscription.close()
    line.subscription, line.consumer = line.new_subscription(), line.new_consumer()
    line.send(case, 2)
    line.run()

    assert line.done(case) == [1, 2]


def test_a_zombie_twin_changes_nothing(line: Line, case: UUID) -> None:
    line.send(case, 1)
    line.publish()
    zombie = line.new_consumer()
    twin = _Frozen(line, zombie)

    line.consume()
    twin.wake()

    assert line.done(case) == [1]


def test_an_offset_without_a_record_is_passed_over(
    line: Line, case: UUID, log: SqliteLog, tmp_path: Path
) -> None:
    """As the end of a stranger's transaction leaves one behind."""
    line.send(case, 1)
    line.run()
    [marker] = log.append([Record("hemu.cases", str(case), b"")])
    assert marker is not None
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as file, file:
        file.execute("DELETE FROM log WHERE part = ? AND off = ?", marker[1:])
    line.send(case, 2)

    line.run()

    assert line.done(case) == [1, 2]


def test_a_refused_case_is_parked_and_its_later_events_wait_behind_it(
    line: Line, case: UUID
) -> None:
    other = uuid4()
    line.check = refuse(2)
    for revision in (1, 2, 3):
        line.send(case, revision)
        line.send(other, revision + 10)

    line.run()

    [found] = parked(line)
    assert (found.key, found.waiting, found.error_class) == (str(case), 2, "Rejected")
    assert found.next_try is None
    assert line.done(case) == [1]
    assert line.done(other) == [11, 12, 13]


def test_an_operator_makes_a_parked_case_go_on_in_order(line: Line, case: UUID) -> None:
    line.check = refuse(1)
    for revision in (1, 2, 3):
        line.send(case, revision)
    line.run()

    line.check = lambda _event: None
    with line.database.transaction() as tx:
        assert backbone.retry(tx, key=str(case)) == 1
    line.consumer.unpark()
    line.send(case, 4)
    line.run()

    assert line.done(case) == [1, 2, 3, 4]
    assert parked(line) == []


def test_a_case_that_fails_again_stays_parked_with_all_its_events(line: Line, case: UUID) -> None:
    line.check = refuse(2)
    for revision in (1, 2, 3):
        line.send(case, revision)
    line.run()

    with line.database.transaction() as tx:
        backbone.retry(tx, key=str(case))
    line.consumer.unpark()

    [found] = parked(line)
    assert (found.attempts, found.waiting) == (2, 2)
    assert line.done(case) == [1]


def test_a_bug_is_tried_again_quickly_then_parked_with_a_schedule(
    line: Line, case: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def bug(event: LeadRegistered) -> None:
        tried.append(event.directory_revision)
        raise KeyError("secret text of the case")

    monkeypatch.setattr("shared.messaging.consumer.QUICK_TRIES", (0, 0, 0))
    line.check = bug
    line.send(case, 1)

    line.run()

    [found] = parked(line)
    assert len(tried) >= 4
    assert (found.error_class, found.reason) == ("KeyError", "KeyError")
    assert found.next_try is not None
    assert found.next_try > utc_now()


def test_an_event_before_its_predecessor_waits_for_it(line: Line, case: UUID) -> None:
    for revision in (1, 2, 3):
        line.send(case, revision)
    with line.producer.transaction() as tx:
        # As if the log had lost the first: it is not sent now.
        tx.execute(update(outbox).where(outbox.c.kseq == 1).values(published_at=utc_now()))
    line.run()
    assert line.done(case) == []
    assert [found.error_class for found in parked(line)] == ["SequenceGap"]

    with line.producer.transaction() as tx:
        tx.execute(update(outbox).where(outbox.c.kseq == 1).values(published_at=None))
    line.run()
    line.consumer.unpark()

    assert line.done(case) == [1, 2, 3]
    assert parked(line) == []


def test_trouble_with_the_database_parks_nothing_and_loses_nothing(line: Line, case: UUID) -> None:
    def trouble(_event: LeadRegistered) -> None:
        raise Unavailable("The database is away.")

    line.check = trouble
    line.send(case, 1)
    line.publish()
    with pytest.raises(Unavailable):
        line.consume()

    line.check = lambda _event: None
    line.consume()

    assert line.done(case) == [1]
    assert parked(line) == []


def test_an_event_whose_time_has_not_come_waits_and_is_not_parked(
    line: Line, case: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_yet(event: LeadRegistered) -> None:
        if event.directory_revision == 2:
            raise NotYet

    monkeypatch.setattr("shared.messaging.consumer.NOT_YET_PAUSE", 0.0)
    line.check = not_yet
    for revision in (1, 2, 3):
        line.send(case, revision)
    line.publish()
    for _ in range(5):
        line.consumer.step(line.subscription, 0.01)
    assert line.done(case) == [1]

    line.check = lambda _event: None
    line.consume()

    assert line.done(case) == [1, 2, 3]
    assert parked(line) == []


def test_a_record_that_is_no_event_is_kept_raw_and_the_next_is_handled(
    line: Line, case: UUID
) -> None:
    line.log.append([Record("hemu.cases", str(case), b"\xff{", (("stranger", b"\x00"),))])
    line.send(case, 1)

    line.run()

    with line.database.reading() as session:
        [letter] = backbone.dead_letters(session)
    assert (letter.offset, letter.reason) == (0, "header 'ce_specversion' is missing")
    assert line.done(case) == [1]


def test_a_dead_letter_that_is_still_unreadable_stays_one(line: Line, case: UUID) -> None:
    line.log.append([Record("hemu.cases", str(case), b"{}")])
    line.run()

    with line.database.transaction() as tx:
        assert backbone.retry(tx, dead_letter_id=1) == 1
    line.consumer.unpark()

    with line.database.reading() as session:
        [letter] = backbone.dead_letters(session)
    assert not letter.retrying


def test_too_many_failures_halt_the_consumer_instead_of_parking_everything(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_event: LeadRegistered) -> None:
        raise Rejected("A bad release refuses everything.")

    monkeypatch.setattr("shared.messaging.consumer.PROBE_PAUSE", 0.0)
    line.check = broken
    cases = [uuid4() for _ in range(60)]
    for case in cases:
        line.send(case, 1)
    line.publish()
    for _ in range(10):
        line.consumer.step(line.subscription, 0.01)
    assert len(parked(line)) == 20

    line.check = lambda _event: None
    line.consume()

    assert sum(line.done(case) == [1] for case in cases) == 40


def test_a_consumer_beyond_the_end_of_a_log_goes_back_and_trusts_its_inbox(
    line: Line, case: UUID
) -> None:
    line.send(case, 1)
    line.run()
    with line.database.transaction() as tx:
        tx.execute(update(consumer_offset).values(next_off=consumer_offset.c.next_off + 500))
    line.consumer.look_up_places()

    line.send(case, 2)
    line.run()

    assert line.done(case) == [1, 2]


def test_a_parked_case_is_tried_again_by_itself_when_its_time_comes(
    line: Line, case: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(_event: LeadRegistered) -> None:
        raise KeyError

    monkeypatch.setattr("shared.messaging.consumer.QUICK_TRIES", ())
    line.check = bug
    line.send(case, 1)
    line.run()
    line.check = lambda _event: None
    line.consumer.unpark()
    assert line.done(case) == []

    with line.database.transaction() as tx:
        tx.execute(update(parked_key).values(next_try=tx.now - timedelta(seconds=1)))
    line.consumer.unpark()

    assert line.done(case) == [1]


class _Frozen:
    """A member that had polled, then slept while another one did its work."""

    def __init__(self, line: Line, consumer: Consumer) -> None:
        self._consumer = consumer
        self._subscription = line.subscription
        self._batch = dict(line.subscription.poll(0.5))
        line.consumer.look_up_places()

    def wake(self) -> None:
        self._consumer._apply_all(self._subscription, self._batch)
