"""The log in an SQLite file: what the contract does not say, because only a file can have it."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.messaging.log import LogUnavailable, Record
from shared.messaging.sqlite_log import SqliteLog
from shared.messaging.topics import TopicDiffers
from shared.messaging.wakeup import Wakeups

CASES = "hemu.cases"
RECORD = Record(CASES, "case-1", b"1")
REFUSED = 3


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(path, busy_seconds=0.2)
    yield log
    log.close()


def in_a_fork(work: Callable[[], object]) -> int:
    """The exit code of a forked process that does this work: REFUSED for RuntimeError."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            work()
            code = 0
        except RuntimeError:
            code = REFUSED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_log_used_before_a_fork_refuses_to_work_after_it(log: SqliteLog) -> None:
    log.append([RECORD])

    assert in_a_fork(lambda: log.append([RECORD])) == REFUSED
    assert in_a_fork(log.close) == 0
    assert log.append([RECORD])[0].offset == 1


def test_a_log_first_used_after_a_fork_works_in_both_processes(log: SqliteLog) -> None:
    assert in_a_fork(lambda: log.append([RECORD])) == 0

    assert log.append([RECORD])[0].offset == 1


def test_a_member_refuses_to_work_after_a_fork(log: SqliteLog) -> None:
    member = log.subscribe("mediation", [CASES])
    member.poll(0)

    assert in_a_fork(lambda: member.poll(0)) == REFUSED
    member.close()


def test_an_append_is_on_the_disk_when_it_returns(log: SqliteLog) -> None:
    with log._file.writing() as connection:
        [(synchronous,)] = connection.execute("PRAGMA synchronous").fetchall()
        [(journal,)] = connection.execute("PRAGMA journal_mode").fetchall()

    assert (synchronous, journal) == (2, "wal")


def test_a_full_disk_makes_the_log_unavailable_until_there_is_room(log: SqliteLog) -> None:
    log.append([RECORD])
    with log._file.reading() as connection:
        connection.execute("PRAGMA max_page_count = 1")

    with pytest.raises(LogUnavailable, match="full"):
        log.append([Record(CASES, "case-1", bytes(100_000)), RECORD])

    assert log.append([RECORD])[0].offset == 1


def test_a_file_that_is_no_database_makes_the_log_unavailable(log: SqliteLog, path: Path) -> None:
    path.write_bytes(b"no database" * 1000)

    with pytest.raises(LogUnavailable, match="not a database"):
        log.append([RECORD])

    path.unlink()
    assert log.append([RECORD])[0].offset == 0


def test_a_folder_that_is_missing_makes_the_log_unavailable(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "missing" / "log.sqlite")
    member = log.subscribe("mediation", [CASES])

    with pytest.raises(LogUnavailable):
        log.append([RECORD])
    with pytest.raises(LogUnavailable):
        member.poll(0)
    member.close()


def test_a_stranger_who_locks_the_file_stops_appends_but_not_readers(
    log: SqliteLog, path: Path
) -> None:
    log.append([RECORD])
    member = log.subscribe("mediation", [CASES])
    stranger = sqlite3.connect(path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")

    with pytest.raises(LogUnavailable, match="locked"):
        log.append([RECORD])
    [[found]] = member.poll(1).values()
    member.commit(dict.fromkeys(member.assignment(), 1))  # a hint that may be lost
    stranger.close()

    assert found.offset == 0
    assert log.append([RECORD])[0].offset == 1
    member.close()


def test_a_reader_in_the_middle_of_reading_does_not_stop_appends(
    log: SqliteLog, path: Path
) -> None:
    log.append([RECORD])
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM log").fetchall()

    assert log.append([RECORD])[0].offset == 1
    reader.close()


def test_a_file_made_for_another_number_of_partitions_is_refused(
    log: SqliteLog, path: Path
) -> None:
    other = SqliteLog(path, topics={CASES: 3})
    other.append([RECORD])
    other.close()

    with pytest.raises(TopicDiffers, match="3 partitions, not 12"):
        log.append([RECORD])
    with pytest.raises(TopicDiffers):
        log.identity(CASES)


def test_a_group_needs_a_name_that_can_stand_in_a_file_name(log: SqliteLog) -> None:
    with pytest.raises(ValueError, match="not a name"):
        log.subscribe("../mediation", [CASES])


@pytest.mark.parametrize("names", [["consume:mediation", "relay:intake"], ["consume:other"], None])
def test_an_append_reaches_a_waiting_member_at_once(path: Path, names: list[str] | None) -> None:
    log = SqliteLog(path, wakeups=None if names is None else Wakeups(names))
    member = log.subscribe("mediation", [CASES])
    member.poll(0)
    appended: list[float] = []

    def append() -> None:
        time.sleep(0.4)
        log.append([RECORD])
        appended.append(time.monotonic())

    thread = threading.Thread(target=append)
    thread.start()
    found = member.poll(5)
    woken = time.monotonic()
    thread.join()

    assert found
    assert woken - appended[0] < (0.1 if names == ["consume:mediation", "relay:intake"] else 0.35)
    member.close()
    log.close()


def test_a_member_that_waits_for_its_turn_leaves_the_wake_ups_to_the_owner(path: Path) -> None:
    log = SqliteLog(path, wakeups=Wakeups(["consume:mediation"]))
    owner, other = log.subscribe("mediation", [CASES]), log.subscribe("mediation", [CASES])
    owner.poll(0)
    waiting = threading.Thread(target=other.poll, args=(0.5,))
    waiting.start()

    log.append([RECORD])
    waiting.join()

    assert owner.poll(0)
    assert other.assignment() == frozenset()
    other.close()
    owner.close()
    log.close()
