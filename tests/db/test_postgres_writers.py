"""Writers on PostgreSQL queue before they take a connection, and never for ever."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.pool import QueuePool

from shared.db import Database
from shared.db.migrate import migrate
from shared.db.writers import AT_A_TIME, PostgresWriters
from shared.errors import Unavailable
from tests.messaging.samples import lead
from tests.servers import PostgresServer


@pytest.fixture
def database(postgresql: PostgresServer) -> Iterator[Database]:
    url = postgresql.create_database()
    migrate(url)
    found = Database(url, name="intake")
    yield found
    found.close()
    postgresql.drop_database(url)


def write(database: Database) -> None:
    with database.transaction() as tx:
        tx.emit(lead())


def connections_in_use(database: Database) -> int:
    writers = database._writers
    assert isinstance(writers, PostgresWriters)
    assert isinstance(writers._engine.pool, QueuePool)
    return writers._engine.pool.checkedout()


def test_who_waits_too_long_for_a_turn_is_told_so_and_took_no_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.db.writers.PATIENCE", 0.05)
    with ExitStack() as writing:
        for _ in range(AT_A_TIME):
            writing.enter_context(database.transaction())

        with pytest.raises(Unavailable):
            write(database)

        assert connections_in_use(database) == AT_A_TIME


def test_a_turn_is_passed_on_by_those_who_fail_too(database: Database) -> None:
    for _ in range(AT_A_TIME):
        with pytest.raises(ZeroDivisionError), database.transaction() as tx:
            tx.emit(lead())
            1 / 0  # noqa: B018 – the handler's error

    write(database)

    with database.looking() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar_one() == 1
