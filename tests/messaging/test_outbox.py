"""A transaction announces what it commits, and nothing else."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Row, select

from shared.auth.actor import Actor
from shared.db import Database
from shared.db.message_tables import outbox
from shared.events import Undecodable
from tests.messaging.samples import lead

MEDIATOR = Actor(id="m-0007", roles=frozenset({"mediator"}))


def announced(database: Database) -> list[Row[tuple[object, ...]]]:
    with database.reading() as session:
        return list(session.execute(select(outbox).order_by(outbox.c.seq)).all())


def test_an_event_is_announced_only_if_its_transaction_commits(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.emit(lead())
        _ = 1 / 0

    assert announced(database) == []


def test_the_events_of_a_case_are_numbered_without_a_gap(database: Database) -> None:
    one, other = uuid4(), uuid4()

    for batch in ([one, other, one], [one], [other, one]):
        with database.transaction() as tx:
            for case in batch:
                tx.emit(lead(case))

    numbers = [row.kseq for row in announced(database) if row.key == str(one)]
    assert numbers == [1, 2, 3, 4]


def test_a_refused_transaction_leaves_no_hole_in_the_numbers(database: Database) -> None:
    case = uuid4()
    with database.transaction() as tx:
        tx.emit(lead(case))

    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.emit(lead(case))
        _ = 1 / 0
    with database.transaction() as tx:
        tx.emit(lead(case))

    assert [row.kseq for row in announced(database)] == [1, 2]


def test_the_first_event_of_a_case_is_the_correlation_of_all(database: Database) -> None:
    case = uuid4()

    with database.transaction() as tx:
        first = tx.emit(lead(case))
        tx.emit(lead(case))
    with database.transaction() as tx:
        tx.emit(lead(case))

    assert {row.correlation_id for row in announced(database)} == {UUID(str(first))}


def test_an_event_about_a_lead_tells_the_role_and_not_the_person(database: Database) -> None:
    with database.transaction(actor=MEDIATOR) as tx:
        tx.emit(lead())

    assert [row.actor for row in announced(database)] == ["mediator"]


def test_an_unlinked_event_tells_neither_who_nor_what_caused_it(database: Database) -> None:
    with database.transaction(actor=MEDIATOR, traceparent="00-aa-bb-01") as tx:
        tx.emit(lead())
        tx.emit(lead(), unlinked=True, at=tx.now)

    linked, row = announced(database)
    assert (row.actor, row.causation_id) == ("anonymous", None)
    assert row.traceparent not in {None, linked.traceparent}
    assert row.event_id.version == 4


def test_a_name_cannot_leave_in_an_event(database: Database) -> None:
    event = lead()
    object.__setattr__(event, "origin", "王兰")

    with pytest.raises(Undecodable), database.transaction() as tx:
        tx.emit(event)

    assert announced(database) == []
