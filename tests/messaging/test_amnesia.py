"""A log that has lost its end, and perhaps grown again, loses nothing that was accepted."""

import sqlite3
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.db import Database
from shared.db.migrate import migrate
from shared.messaging import consumer as consumer_module
from shared.messaging import relay as relay_module
from shared.messaging.log import Partition
from shared.messaging.sqlite_log import SqliteLog
from tests.messaging.line import Line

ONE = {"hemu.cases": 1, "hemu.directory": 1}
"""One partition, so that everybody writes to the same."""
CASES = Partition("hemu.cases", 0)


class Broken:
    """Two producers, one consumer, and a log whose end can be cut off."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.sqlite"
        self.log = SqliteLog(self.path, topics=ONE)
        databases = [database(folder, name) for name in ("intake", "referral", "mediation")]
        first, second, mine = databases
        self.first = Line(first, self.log, mine)
        self.second = Line(second, self.log, mine)
        self.first.relay.heal()
        self.second.relay.heal()

    def end(self) -> int:
        return self.log.ends("hemu.cases")[CASES]

    def cut(self, end: int) -> None:
        """Everything from this offset on is gone."""
        with sqlite3.connect(self.path) as connection:
            connection.execute("DELETE FROM log WHERE off >= ?", (end,))
        connection.close()

    def consume(self) -> None:
        self.first.consume()
        self.first.consumer.unpark()

    def sent(self, line: Line, number: int) -> list[UUID]:
        cases = [uuid4() for _ in range(number)]
        for case in cases:
            line.send(case, 1)
            line.publish()
        return cases

    def done_once(self, cases: list[UUID]) -> bool:
        return all(self.first.done(case) == [1] for case in cases)


def database(folder: Path, name: str) -> Database:
    url = f"sqlite:///{folder / name}.sqlite"
    migrate(url)
    return Database(url, name=name)


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    return Broken(tmp_path)


@pytest.fixture
def after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every step came more than a second after the one before."""
    monkeypatch.setattr(relay_module, "QUIET", -1.0)
    monkeypatch.setattr(consumer_module, "QUIET", -1.0)


@pytest.mark.parametrize("regrown", [0, 3, 20])
def test_what_two_services_lost_is_sent_again_by_both_however_far_others_have_written_on(
    broken: Broken, regrown: int
) -> None:
    kept = broken.sent(broken.first, 3) + broken.sent(broken.second, 3)
    lost = broken.sent(broken.first, 3) + broken.sent(broken.second, 3)
    broken.cut(6)
    other = Line(database(broken.path.parent, "ops"), broken.log, broken.first.database)
    newer = broken.sent(other, regrown)

    again = broken.first.relay.heal(), broken.second.relay.heal()
    broken.first.publish()
    broken.second.publish()
    broken.consume()

    assert again == (3, 3)
    assert broken.done_once(kept + lost + newer)


@pytest.mark.usefixtures("after_a_while")
def test_a_relay_that_writes_on_after_a_silence_notices_what_is_gone_before(
    broken: Broken,
) -> None:
    lost = broken.sent(broken.second, 4)
    broken.cut(0)
    other = broken.sent(broken.first, 9)  # the log is longer now than the second knew it

    newer = broken.sent(broken.second, 1)
    broken.second.publish()
    broken.consume()

    assert broken.done_once(lost + other + newer)


@pytest.mark.usefixtures("after_a_while")
@pytest.mark.parametrize("regrown", [1, 4, 12])
def test_a_consumer_reads_again_what_took_the_place_of_what_it_has_read(
    broken: Broken, regrown: int
) -> None:
    known = broken.sent(broken.first, 4)
    broken.consume()
    broken.cut(0)
    newer = broken.sent(broken.second, regrown)

    broken.first.relay.heal()
    broken.first.publish()
    broken.consume()

    assert broken.done_once(known + newer)


def test_a_consumer_that_is_told_to_look_reads_a_log_again_that_grew_past_its_place(
    broken: Broken,
) -> None:
    known = broken.sent(broken.first, 2)
    broken.consume()
    broken.cut(0)
    newer = broken.sent(broken.second, 5)

    broken.first.consumer.look_up_places()
    broken.consume()

    assert broken.done_once(known + newer)


def test_a_log_that_is_as_it_was_is_left_alone(broken: Broken) -> None:
    known = broken.sent(broken.first, 5) + broken.sent(broken.second, 5)
    broken.consume()
    end = broken.end()

    assert (broken.first.relay.heal(), broken.second.relay.heal()) == (0, 0)
    broken.first.consumer.look_up_places()
    broken.consume()

    assert broken.end() == end
    assert broken.done_once(known)


def test_what_an_outbox_has_forgotten_by_age_is_not_missed(broken: Broken) -> None:
    broken.sent(broken.first, 2)
    with sqlite3.connect(broken.path.parent / "intake.sqlite") as connection:
        connection.execute("DELETE FROM outbox")
    connection.close()
    broken.cut(0)

    assert broken.first.relay.heal() == 0
