"""Rows are chained once, in one order, and never changed."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.audit.chaining import ChainBroken
from shared.audit.rows import Doing, write_change
from shared.auth.actor import ANONYMOUS
from shared.db.audit_tables import APPEND_ONLY, audit_handed, audit_log, audit_new, audit_seal
from shared.failpoints import armed
from tests.audit.books import OURS, WITNESS, Books
from tests.messaging.samples import lead


def test_rows_are_moved_into_one_sealed_chain(books: Books) -> None:
    books.act(3)
    books.chain()
    books.clock.move(seconds=1)
    books.act(4)

    assert books.chain() == 4
    assert [row.seq for row in books.rows()] == list(range(1, 8))
    assert [(seal.first, seal.seq) for seal in books.rows(audit_seal)] == [(1, 3), (4, 7)]
    assert books.rows(audit_new) == []
    assert books.wrong() == []


def test_nothing_new_is_nothing_to_do(books: Books) -> None:
    assert books.chain() == 0
    assert books.rows(audit_seal) == []
    assert books.wrong() == []


def test_rows_of_transactions_at_the_same_time_are_all_chained_once(books: Books) -> None:
    done = threading.Event()

    def keep_chaining() -> None:
        while not done.is_set():
            books.chain()

    chaining = threading.Thread(target=keep_chaining)
    acting = [threading.Thread(target=books.act, args=(25,)) for _ in range(4)]
    for thread in (chaining, *acting):
        thread.start()
    for thread in acting:
        thread.join()
    done.set()
    chaining.join()
    books.chain()

    rows = books.rows()
    assert len(rows) == len({row.id for row in rows}) == 100
    assert books.wrong() == []


@pytest.mark.parametrize("point", ["audit.linked", "audit.moved", "writers.committing"])
def test_a_worker_that_dies_leaves_all_or_nothing(files: Books, point: str) -> None:
    files.act(5)
    with pytest.raises(Exception), armed(f"{point}=raise"):  # noqa: B017, PT011 – whatever it says
        files.chain()

    assert len(files.rows(audit_new)) == 5
    assert files.rows() == []
    assert files.chain() == 5
    assert files.wrong() == []


def test_of_two_workers_at_once_one_fails(books: Books) -> None:
    books.act(2)
    books.chain()
    second = books.rows()[-1]

    with pytest.raises(DBAPIError), books.database.transaction() as tx:
        tx.insert(audit_log, {**second._asdict(), "seq": 3, "id": uuid4()})


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET seq = 7", "DELETE FROM {}"])
def test_what_is_kept_is_neither_changed_nor_deleted(
    books: Books, table: str, statement: str
) -> None:
    books.act()
    books.chain()
    books.clock.move(minutes=10)
    books.hand_over()
    name = WITNESS if table == "audit_checkpoint" else OURS

    with pytest.raises(DBAPIError), books.databases[name].transaction() as tx:
        tx.execute(text(statement.format(table)))
    assert len(books.rows(APPEND_ONLY[table], name)) == 1


@pytest.mark.parametrize("statement", ["UPDATE audit_new SET actor = 'x'", "DELETE FROM audit_new"])
def test_what_waits_is_neither_changed_nor_deleted(books: Books, statement: str) -> None:
    books.act()

    with pytest.raises(DBAPIError), books.database.transaction() as tx:
        tx.execute(text(statement))
    assert books.rows(audit_new)[0].actor == "m-0002"


def test_a_row_is_not_replaced_either(files: Books) -> None:
    files.act()
    files.chain()

    with pytest.raises(DBAPIError), files.database.transaction() as tx:
        tx.execute(text("INSERT OR REPLACE INTO audit_log SELECT * FROM audit_log"))
    with pytest.raises(DBAPIError), files.database.transaction() as tx:
        tx.execute(
            text(
                "INSERT OR REPLACE INTO audit_log SELECT seq + 1, * FROM (SELECT * FROM audit_log)"
            )
        )
    assert len(files.rows()) == 1


@pytest.mark.postgresql
def test_nothing_is_truncated(books: Books) -> None:
    if books.database.dialect != "postgresql":
        return
    for table in (*APPEND_ONLY, "audit_new"):
        with pytest.raises(DBAPIError), books.database.transaction() as tx:
            tx.execute(text(f"TRUNCATE {table}"))


def test_a_chain_whose_end_was_changed_is_not_gone_on_with(files: Books) -> None:
    files.act()
    files.chain()
    with files.database.transaction() as tx:
        tx.execute(text("DROP TRIGGER audit_log_no_update"))
        tx.execute(text("UPDATE audit_log SET actor = 'm-0001'"))
    files.act()

    with pytest.raises(ChainBroken):
        files.chain()
    assert len(files.rows(audit_new)) == 1


def test_a_lead_of_a_dispute_has_a_row_from_which_nothing_leads_to_the_dispute(
    books: Books,
) -> None:
    books.clock.move(seconds=17)
    doing = Doing(action="dispute.file", request_id="r")
    minute = books.clock().replace(second=0)
    event = lead()
    with books.database.transaction(actor=ANONYMOUS) as tx:
        tx.emit(event, unlinked=True, at=minute)
        write_change(tx, doing, ANONYMOUS)

    [row] = books.rows(audit_new)
    assert (row.action, row.actor, row.at, row.request_id) == (
        "lead.file",
        "anonymous",
        minute,
        None,
    )
    assert row.id.version == 4


def test_a_row_without_a_trace_waits_until_its_minute_is_over(books: Books) -> None:
    books.clock.move(seconds=17)
    with books.database.transaction(actor=ANONYMOUS) as tx:
        tx.emit(lead(), unlinked=True, at=books.clock().replace(second=0))
        write_change(tx, Doing(action="lead.file"), ANONYMOUS)
    books.act()

    assert books.chain() == 1
    books.clock.move(seconds=43)
    assert books.chain() == 1
    assert books.wrong() == []


def test_the_books_that_say_what_was_handed_over_are_kept_too(books: Books) -> None:
    books.act(2)
    books.chain()
    books.hand_over()
    assert books.rows(audit_handed) == []
    books.clock.move(minutes=5)
    books.hand_over()

    assert [row.seq for row in books.rows(audit_handed)] == [2]
