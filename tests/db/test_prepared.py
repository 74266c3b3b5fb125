"""Prepared statements write what SQLAlchemy would write, and fail as it would."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from shared.db import Database
from shared.db import database as databases
from shared.db.message_tables import key_counter, outbox
from shared.db.prepared import Prepared
from shared.db.upsert import upsert
from tests.messaging.samples import lead
from tests.migrated import migrated
from tests.servers import PostgresServer

NOW = datetime(2026, 11, 20, 1, 30, 17, 123456, tzinfo=UTC)
TO_OUTBOX = Prepared(lambda _: insert(outbox).returning(outbox.c.seq, outbox.c.event_id))
NEW_KEY = Prepared(
    lambda dialect: (
        upsert(dialect, key_counter)
        .on_conflict_do_nothing()
        .returning(key_counter.c.correlation_id)
    )
)
SET_LAST = Prepared(
    lambda _: (
        update(key_counter).where(key_counter.c.key == bindparam("of")).values(last=bindparam("to"))
    )
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    migrated(database_url)
    found = Database(database_url, name="intake")
    yield found
    found.close()


def row(**changed: object) -> dict[str, object]:
    return {
        "event_id": uuid4(),
        "topic": "hemu.cases",
        "key": "50% of :it",
        "kseq": 1,
        "type": "intake.lead.registered.v1",
        "time": NOW,
        "actor": "m-0001",
        "correlation_id": uuid4(),
        "causation_id": None,
        "traceparent": None,
        "data": b"\x00\xff",
    } | changed


def test_values_are_kept_and_told_as_their_columns_want_them(database: Database) -> None:
    given = row()

    with database.transaction() as tx:
        told = tx.returned(TO_OUTBOX, given)

    with database.reading() as session:
        kept = session.execute(select(outbox)).one()
    assert told == (1, given["event_id"])
    assert {name: kept._mapping[name] for name in given} == given


def test_what_does_nothing_tells_nothing(database: Database) -> None:
    new = {"key": "k", "last": 1, "correlation_id": UUID(int=7)}

    with database.transaction() as tx:
        first, second = tx.returned(NEW_KEY, new), tx.returned(NEW_KEY, new)

    assert (first, second) == ((UUID(int=7),), None)


def test_rows_that_are_kept_back_are_written_before_the_next_read(database: Database) -> None:
    with database.transaction() as tx:
        for key in "ab":
            tx.queue(NEW_KEY, {"key": key, "last": 1, "correlation_id": uuid4()})
        for key in "ab":
            tx.queue(SET_LAST, {"of": key, "to": 5})

        found = tx.execute(select(key_counter.c.last)).scalars().all()

    assert found == [5, 5]


def test_an_event_and_what_was_kept_back_are_written_as_one(database: Database) -> None:
    """In one statement on PostgreSQL, one after the other elsewhere."""
    event = lead()
    with database.transaction() as tx:
        tx.returned(NEW_KEY, {"key": "old", "last": 1, "correlation_id": uuid4()})
    for last in (1, 2):
        with database.transaction() as tx:
            tx.queue(NEW_KEY, {"key": f"new {last}", "last": last, "correlation_id": uuid4()})
            tx.queue(SET_LAST, {"of": "old", "to": 7})
            tx.emit(event)

    with database.reading() as session:
        counters = {found.key: found.last for found in session.execute(select(key_counter))}
        numbers = session.scalars(select(outbox.c.kseq).order_by(outbox.c.seq)).all()
    assert counters.pop(event.subject) == 2
    assert counters == {"old": 7, "new 1": 1, "new 2": 2}
    assert numbers == [1, 2]


def test_what_is_written_as_one_fails_as_one(database: Database) -> None:
    given = row()

    with pytest.raises(IntegrityError) as caught, database.transaction() as tx:
        tx.returned(TO_OUTBOX, given)
        tx.queue(TO_OUTBOX, given)
        tx.emit(lead())

    assert str(given["key"]) not in str(caught.value)
    with database.reading() as session:
        assert session.execute(select(outbox)).all() == []


def test_a_row_without_a_value_is_refused(database: Database) -> None:
    given = row()
    del given["data"]
    statement = Prepared(lambda _: insert(outbox).values(data=bindparam("data")))

    with pytest.raises(TypeError, match="data"), database.transaction() as tx:
        tx.returned(statement, given)


def test_what_the_database_refuses_undoes_the_transaction(database: Database) -> None:
    given = row()

    with pytest.raises(IntegrityError) as caught, database.transaction() as tx:
        tx.returned(TO_OUTBOX, given)
        tx.returned(TO_OUTBOX, given)

    assert str(given["key"]) not in str(caught.value)
    with database.reading() as session:
        assert session.execute(select(outbox)).all() == []


@pytest.mark.postgresql
def test_a_connection_that_broke_is_replaced(
    postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "IDLE_SECONDS", 0.0)
    url = postgresql.create_database()
    migrated(url)
    database = Database(url, name="intake")

    def cut_all() -> None:
        with database.engine.connect() as connection:
            cut = text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute(cut)

    with pytest.raises(OperationalError), database.transaction() as tx:
        cut_all()
        tx.emit(lead())
    with database.transaction() as tx:
        tx.emit(lead())
    cut_all()
    with database.transaction() as tx:
        tx.emit(lead())

    with database.reading() as session:
        assert len(session.execute(select(outbox)).all()) == 2
    database.close()
    postgresql.drop_database(url)
