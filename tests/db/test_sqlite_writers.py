"""Writers hand over one open transaction: each is told what became of its own work."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from shared.db import Database
from shared.db.migrate import migrate
from shared.db.writers import MAX_BATCH, SqliteWriters
from shared.errors import Unavailable
from tests.eventually import eventually
from tests.messaging.samples import lead

MANY = MAX_BATCH + 20


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'writers.sqlite'}"
    migrate(url)
    found = Database(url, name="intake")
    yield found
    found.close()


def saved(database: Database) -> int:
    with database.looking() as connection:
        return int(connection.execute(text("SELECT count(*) FROM outbox")).scalar_one())


def together(database: Database, works: list[Callable[[], object]]) -> list[Exception | None]:
    """Run the works while the first writer still has its turn: they share its transaction."""
    errors: list[Exception | None] = [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 – whatever it is, it is what we look at
            errors[number] = error

    writers = database._writers
    assert isinstance(writers, SqliteWriters)
    threads = [
        threading.Thread(target=run, args=(number, work)) for number, work in enumerate(works)
    ]
    with database.transaction() as tx:
        tx.emit(lead())
        for thread in threads:
            thread.start()
        eventually(lambda: len(writers._queue) == len(works))
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    return errors


def emit(database: Database) -> None:
    with database.transaction() as tx:
        tx.emit(lead())


def fail(database: Database) -> None:
    with database.transaction() as tx:
        tx.emit(lead())
        raise KeyError


def test_many_writers_at_once_all_save(database: Database) -> None:
    errors = together(database, [lambda: emit(database)] * MANY)

    assert errors == [None] * MANY
    assert saved(database) == MANY + 1


def test_one_that_fails_undoes_its_own_work_and_no_other(database: Database) -> None:
    works: list[Callable[[], object]] = [lambda: emit(database), lambda: fail(database)]

    errors = together(database, [*works, *works])

    assert [type(error) for error in errors] == [type(None), KeyError] * 2
    assert saved(database) == 3


def test_when_the_last_one_fails_the_others_are_saved_all_the_same(database: Database) -> None:
    errors = together(database, [lambda: emit(database), lambda: fail(database)])

    assert isinstance(errors[1], KeyError)
    assert saved(database) == 2


def test_a_commit_that_fails_tells_everybody_who_shared_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "COMMIT")

    with pytest.raises(Unavailable):
        together(database, [lambda: emit(database)] * 3)

    monkeypatch.undo()
    assert saved(database) == 0
    emit(database)
    assert saved(database) == 1


def test_when_the_whole_transaction_is_lost_everybody_in_it_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_arguments: object) -> None:
        with database.transaction() as tx:
            tx.emit(lead())
            tx._connection.exec_driver_sql("ROLLBACK")  # as SQLite does when the disk is full
            raise OSError

    with pytest.raises(Unavailable):
        together(database, [lose])

    assert saved(database) == 0
    emit(database)
    assert saved(database) == 1


def test_closing_waits_for_who_is_writing_and_saves_it(database: Database) -> None:
    writers = database._writers
    assert isinstance(writers, SqliteWriters)
    closing = threading.Thread(target=database.close)
    with database.transaction() as tx:
        tx.emit(lead())
        closing.start()
        eventually(lambda: len(writers._queue) == 1)
    closing.join(10)

    assert not closing.is_alive()
    assert saved(database) == 1
    with pytest.raises(Unavailable):
        emit(database)


def test_two_processes_take_turns(database: Database, tmp_path: Path) -> None:
    code = f"""
from shared.db import Database
from tests.messaging.samples import lead
database = Database("sqlite:///{tmp_path / "writers.sqlite"}", name="intake")
for _ in range(100):
    with database.transaction() as tx:
        tx.emit(lead())
database.close()
"""
    with subprocess.Popen([sys.executable, "-c", code]) as other:
        for _ in range(100):
            emit(database)
        assert other.wait(60) == 0

    assert saved(database) == 200


def failing(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    real = Connection.exec_driver_sql

    def execute(self: Connection, sql: str, *arguments: object) -> object:
        if sql == statement:
            raise OperationalError(sql, None, Exception("disk I/O error"))
        return real(self, sql, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "exec_driver_sql", execute)


def test_one_that_gives_up_waiting_leaves_nobody_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.db.writers.PATIENCE", 0.05)
    refused: list[Exception] = []

    def impatient() -> None:
        try:
            emit(database)
        except Unavailable as error:
            refused.append(error)

    waiting = threading.Thread(target=impatient)
    with database.transaction() as tx:
        tx.emit(lead())
        waiting.start()
        waiting.join(5)

    assert len(refused) == 1
    emit(database)
    assert saved(database) == 2


def test_a_turn_that_comes_too_late_still_commits_what_others_left_to_it(
    database: Database,
) -> None:
    writers = database._writers
    assert isinstance(writers, SqliteWriters)
    late = threading.Lock()
    late.acquire()
    done = threading.Event()

    def write() -> None:
        with database.transaction() as tx:
            tx.emit(lead())
            writers._queue.append(late)
        done.set()

    threading.Thread(target=write).start()
    assert late.acquire(timeout=5)
    assert not done.is_set()

    writers._give_up(late)

    assert done.wait(5)
    assert saved(database) == 1
