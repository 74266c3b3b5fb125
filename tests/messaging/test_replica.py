"""The copy of the directory: whole revisions only, each entry at its newest."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select

from shared.db.database import Database
from shared.db.message_tables import directory_entry
from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
)
from shared.messaging.reactions import NotYet
from shared.messaging.replica import (
    DIRECTORY_REACTIONS,
    Directory,
    applied_revision,
    directory,
    wait_for,
)
from tests.migrated import migrated

COMMUNITY = "350599001001"


def community(
    revision: int, remaining: int = 0, *, active: bool = True, name: str = "A"
) -> OrganisationPublished:
    return OrganisationPublished(
        id="o-004",
        revision=revision,
        remaining=remaining,
        active=active,
        kind="community",
        name_zh="示范区第一社区",
        name_en=f"Community {name}",
        areas=(COMMUNITY,),
    )


def member(revision: int, remaining: int = 0, *, name: str = "A") -> MemberPublished:
    return MemberPublished(
        id="m-0002",
        revision=revision,
        remaining=remaining,
        name_zh="调解员甲一",
        name_en=f"Mediator {name}",
        organisation_id="o-021",
        roles=("mediator",),
        areas=(COMMUNITY,),
    )


def duty(revision: int, remaining: int = 0) -> DutyPublished:
    return DutyPublished(
        id="d-001",
        revision=revision,
        remaining=remaining,
        role="mediator",
        member_id="m-0002",
        area=COMMUNITY,
        weekdays=(1, 2),
        valid_from=date(2026, 1, 1),
    )


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    migrated(database_url)
    found = Database(database_url, name="mediation")
    yield found
    found.close()


def hear(database: Database, *events: DirectoryEvent) -> None:
    """Handle the events as a consumer would: by class, in one transaction."""
    handlers = {reaction.event_class: reaction.handler for reaction in DIRECTORY_REACTIONS}
    with database.transaction() as tx:
        for event in events:
            handlers[type(event)](tx, event)


def seen(database: Database) -> Directory:
    with database.reading() as session:
        return directory(session)


def test_before_the_first_revision_there_is_nothing(database: Database) -> None:
    assert seen(database) == Directory()
    with database.reading() as session:
        assert applied_revision(session) == 0


def test_a_revision_is_seen_when_it_has_arrived_whole(database: Database) -> None:
    hear(database, community(1, 2), member(1, 1))
    assert seen(database) == Directory()

    hear(database, duty(1, 0))
    assert seen(database) == Directory(
        revision=1,
        organisations={"o-004": community(1, 2)},
        members={"m-0002": member(1, 1)},
        duties=(duty(1, 0),),
    )


def test_half_a_revision_does_not_show_in_the_one_before(database: Database) -> None:
    hear(database, community(1, 1), member(1))
    hear(database, community(2, 1, name="B"))

    assert seen(database).organisations["o-004"].name_en == "Community A"

    hear(database, member(2, name="B"))
    assert seen(database).organisations["o-004"].name_en == "Community B"
    assert seen(database).members["m-0002"].name_en == "Mediator B"


def test_what_a_revision_does_not_name_stays(database: Database) -> None:
    hear(database, community(1, 1), member(1))
    hear(database, member(2, name="B"))

    assert seen(database).organisations == {"o-004": community(1, 1)}


def test_an_entry_that_is_not_active_any_more_is_gone(database: Database) -> None:
    hear(database, community(1, 1), member(1))
    hear(database, community(2, active=False))

    assert seen(database).organisations == {}
    assert set(seen(database).members) == {"m-0002"}


def test_hearing_it_again_changes_nothing(database: Database) -> None:
    hear(database, community(1, 1), member(1))
    hear(database, community(2, name="B"))
    before = seen(database)

    hear(database, community(1, 1), member(1), community(2, name="B"))

    assert seen(database) == before
    assert before.revision == 2


def test_superseded_entries_are_not_kept(database: Database) -> None:
    for revision in range(1, 6):
        hear(database, community(revision))

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(directory_entry)) == 1


def test_whoever_needs_a_revision_waits_for_it(database: Database) -> None:
    hear(database, community(1, 1))

    with database.transaction() as tx:
        wait_for(tx, 0)
        with pytest.raises(NotYet):
            wait_for(tx, 1)

    hear(database, member(1))
    with database.transaction() as tx:
        wait_for(tx, 1)
        with pytest.raises(NotYet):
            wait_for(tx, 2)


def test_a_transaction_sees_what_it_heard_itself(database: Database) -> None:
    with database.transaction() as tx:
        for reaction in DIRECTORY_REACTIONS[:1]:
            reaction.handler(tx, community(1))
        assert directory(tx).revision == 1


def test_a_revision_that_was_rolled_back_is_not_seen(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as tx:
            DIRECTORY_REACTIONS[0].handler(tx, community(1))
            assert directory(tx).revision == 1
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert seen(database) == Directory()


def test_the_snapshot_is_read_once_per_revision(database: Database) -> None:
    hear(database, community(1))
    first = seen(database)

    assert seen(database) is first

    hear(database, member(2))
    assert seen(database) is not first


def test_threads_see_whole_revisions_while_new_ones_arrive(database: Database) -> None:
    hear(database, community(1, 1, name="1"), member(1, name="1"))

    def look(_number: int) -> bool:
        found = seen(database)
        names = found.organisations["o-004"].name_en, found.members["m-0002"].name_en
        return names == (f"Community {found.revision}", f"Mediator {found.revision}")

    with ThreadPoolExecutor(4) as pool:
        looks = pool.map(look, range(200))
        for revision in range(2, 20):
            hear(database, community(revision, 1, name=str(revision)))
            hear(database, member(revision, name=str(revision)))

        assert all(looks)


def test_two_databases_are_two_directories(database: Database, tmp_path: object) -> None:
    migrated(f"sqlite:///{tmp_path}/other.sqlite")
    other = Database(f"sqlite:///{tmp_path}/other.sqlite", name="referral")

    hear(database, community(1))

    assert seen(other) == Directory()
    other.close()


def test_names_are_found_by_id_and_by_area(database: Database) -> None:
    hear(database, community(1, 1), member(1))
    found = seen(database)

    assert found.name("m-0002", "zh") == "调解员甲一"
    assert found.name("o-004", "en") == "Community A"
    assert found.name("m-9999", "zh") == "m-9999"
    assert found.area_name(COMMUNITY, "zh") == "示范区第一社区"
    assert found.area_name("350599001", "zh") == "350599001"
