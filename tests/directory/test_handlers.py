"""A district is published whole once, and after that only what changed."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory import queries
from services.directory.data import District
from services.directory.handlers import publish_district
from shared.db.database import Database
from shared.db.message_tables import outbox
from shared.events import decode
from shared.events.directory import DirectoryEvent


def announced(session: Session) -> list[DirectoryEvent]:
    rows = session.execute(select(outbox.c.type, outbox.c.data).order_by(outbox.c.seq)).all()
    events = [decode(row.type, row.data) for row in rows]
    return [event for event in events if isinstance(event, DirectoryEvent)]


def publish(database: Database, district: District) -> list[DirectoryEvent]:
    """What is announced by publishing it."""
    with database.reading() as session:
        before = len(announced(session))
    with database.transaction() as tx:
        publish_district(tx, district)
    with database.reading() as session:
        return announced(session)[before:]


@pytest.fixture
def published(database: Database, demo: District) -> Database:
    publish(database, demo)
    return database


def test_an_empty_directory_publishes_everything_as_one_revision(
    database: Database, demo: District
) -> None:
    events = publish(database, demo)

    assert [replace(event, revision=0, remaining=0) for event in events] == list(demo.entries())
    assert {event.revision for event in events} == {1}
    assert [event.remaining for event in events] == list(reversed(range(len(events))))


def test_the_same_district_publishes_nothing_again(published: Database, demo: District) -> None:
    assert publish(published, demo) == []

    with published.transaction() as tx:
        assert publish_district(tx, demo) == 1


def test_a_change_publishes_only_what_changed(published: Database, demo: District) -> None:
    moved = replace(demo.members[1], areas=("350599001002",))

    events = publish(published, replace(demo, members=(demo.members[0], moved, *demo.members[2:])))

    assert events == [replace(moved, revision=2, remaining=0)]


def test_what_is_gone_is_published_as_not_active_and_after_what_is_new(
    published: Database, demo: District
) -> None:
    newcomer = replace(demo.members[-1], id="m-9001")

    events = publish(published, replace(demo, members=(*demo.members[:-1], newcomer)))

    assert events == [
        replace(newcomer, revision=2, remaining=1),
        replace(demo.members[-1], revision=2, remaining=0, active=False),
    ]


def test_what_is_gone_is_published_once_and_may_come_back(
    published: Database, demo: District
) -> None:
    without = replace(demo, duties=demo.duties[1:])
    publish(published, without)

    assert publish(published, without) == []
    assert publish(published, demo) == [replace(demo.duties[0], revision=3, remaining=0)]


def test_what_is_gone_is_not_found_any_more(published: Database, demo: District) -> None:
    publish(published, replace(demo, members=demo.members[1:]))

    with published.reading() as session:
        found = queries.members(session, role="pmc_director", limit=200)
    assert demo.members[0].id not in [member.id for member in found]


def test_nothing_is_published_when_the_transaction_fails(
    database: Database, demo: District
) -> None:
    def fail() -> None:
        with database.transaction() as tx:
            publish_district(tx, demo)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    with database.reading() as session:
        assert announced(session) == []
        assert queries.revision(session) == 0
