"""The ledger balances whatever goes on, and each gap in it has a name."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from services.ops.queries import reconcile
from services.ops.queries.comparing import compare
from shared.db.message_tables import key_counter, outbox
from shared.errors import Rejected
from shared.events.mediation import SessionRecorded
from shared.messaging import parking
from shared.messaging.delivery import read
from shared.messaging.reactions import NotYet
from shared.messaging.sqlite_log import SqliteLog
from shared.telemetry import LEDGER_UNEXPLAINED
from tests.ops.system import START, System, dispute_routed

Ledger = dict[str, Any]


def right_side(found: Ledger) -> tuple[int, int, int, int]:
    return found["routed"], found["waiting"], found["parked"], found["unexplained"]


def gap(found: Ledger) -> tuple[str, str, str]:
    [only] = found["gaps"]
    return only["subject"], only["what"], only["service"]


def lose(system: System, case_id: UUID) -> None:
    """The relay takes the event for published, and the log has never had it."""
    with system.databases["intake"].transaction() as tx:
        tx.execute(update(outbox).where(outbox.c.key == str(case_id)).values(published_at=tx.now))


def refuse(*_: object) -> None:
    raise Rejected("The rules do not allow this.")


def wait(*_: object) -> None:
    raise NotYet("the directory has not arrived")


def test_without_any_case_it_balances(either: System) -> None:
    found = either.ledger()

    assert found["accepted"] == 0
    assert right_side(found) == (0, 0, 0, 0)
    assert found["balanced"] is True


def test_cases_that_went_all_the_way_are_routed(either: System) -> None:
    either.file_dispute()
    either.file_lead()
    either.run()

    found = either.ledger()

    assert found["accepted"] == 2
    assert right_side(found) == (2, 0, 0, 0)
    assert found["balanced"] is True
    assert found["in_words"]["zh"] == "一切正常，每一件都有去向"


def test_a_case_that_is_not_in_the_log_yet_is_waiting(either: System) -> None:
    either.file_dispute()
    either.later(60)

    found = either.ledger()

    assert right_side(found) == (0, 1, 0, 0)
    assert [(each["what"], each["count"]) for each in found["waits"]] == [
        ("not yet in the log, or not yet read here", 1)
    ]
    assert found["in_words"]["en"] == "Cases are late: one has waited 1 min"


def test_a_case_that_operations_has_not_read_yet_is_waiting(either: System) -> None:
    either.file_dispute()
    either.publish()
    either.later(60)

    assert right_side(either.ledger()) == (0, 1, 0, 0)


def test_a_case_that_mediation_has_not_read_yet_is_waiting(either: System) -> None:
    either.file_dispute()
    either.publish()
    either.consume("ops")
    either.later(60)

    found = either.ledger()

    assert right_side(found) == (0, 1, 0, 0)
    assert [(each["what"], each["count"]) for each in found["waits"]] == [("not yet decided", 1)]


def test_a_case_whose_decision_must_wait_for_the_directory_is_waiting(either: System) -> None:
    either.decide = wait
    either.file_dispute()
    either.run()

    assert right_side(either.ledger()) == (0, 1, 0, 0)


def test_a_decision_that_is_not_in_the_log_yet_is_waited_for(either: System) -> None:
    either.file_dispute()
    either.publish()
    either.consume()
    either.later(60)

    assert right_side(either.ledger()) == (0, 1, 0, 0)


def test_a_decision_that_operations_has_not_read_yet_is_waited_for(either: System) -> None:
    either.file_dispute()
    either.publish()
    either.consume()
    either.publish()
    either.later(60)

    assert right_side(either.ledger()) == (0, 1, 0, 0)


def test_a_young_case_is_not_asked_about(either: System) -> None:
    either.decide = lambda *_: None
    either.file_dispute()
    either.publish()
    either.consume()
    either.later(1)

    assert right_side(either.ledger()) == (0, 1, 0, 0)


def test_a_case_that_mediation_refuses_is_parked(either: System) -> None:
    either.decide = refuse
    either.file_dispute()
    either.file_dispute()
    either.run()

    found = either.ledger()

    assert right_side(found) == (0, 0, 2, 0)
    assert found["balanced"] is True
    assert found["in_words"]["en"] == "Cases flow; set aside: 2"


def test_a_case_that_was_lost_on_its_way_to_the_log_is_a_gap(either: System) -> None:
    either.file_dispute()
    lost = either.file_dispute()
    lose(either, lost)
    either.run()

    found = either.ledger()

    assert found["accepted"] == 2
    assert right_side(found) == (1, 0, 0, 1)
    assert gap(found) == (str(lost), "never seen in the log", "intake")
    assert found["in_words"]["zh"] == "1 件去向不明，账对不上"


def test_a_gap_that_was_proven_stays_one_while_others_are_on_the_way(either: System) -> None:
    lost = either.file_dispute()
    lose(either, lost)
    either.later()
    either.ledger()

    either.file_dispute()
    either.later()
    found = either.ledger()

    assert right_side(found) == (0, 1, 0, 1)
    assert gap(found) == (str(lost), "never seen in the log", "intake")


def test_a_gap_that_is_mended_is_gone(either: System) -> None:
    lost = either.file_dispute()
    lose(either, lost)
    either.later()
    assert either.ledger()["unexplained"] == 1

    with either.databases["intake"].transaction() as tx:
        tx.execute(update(outbox).values(published_at=None))
    either.run()

    found = either.ledger()
    assert right_side(found) == (1, 0, 0, 0)
    assert found["gaps"] == []


def test_a_case_that_was_read_and_not_decided_is_a_gap(either: System) -> None:
    either.decide = lambda *_: None
    forgotten = either.file_dispute()
    either.run()

    found = either.ledger()

    assert right_side(found) == (0, 0, 0, 1)
    assert gap(found) == (str(forgotten), "read but not decided", "mediation")
    assert found["gaps"][0]["number"] == "JF350599-2026-000001"
    assert found["gaps"][0]["since"] == START.isoformat()


def test_a_decision_without_a_registration_is_a_gap(either: System) -> None:
    case_id = uuid4()
    either.say("mediation", dispute_routed(case_id))
    either.run()

    found = either.ledger()

    assert found["accepted"] == 0
    assert right_side(found) == (0, 0, 0, 1)
    assert found["balanced"] is False
    assert gap(found) == (str(case_id), "decided without a registration", "intake")


def test_an_accepted_case_of_which_only_the_decision_was_seen_is_counted_once(
    either: System,
) -> None:
    case_id = either.file_dispute()
    lose(either, case_id)
    either.say("mediation", dispute_routed(case_id))
    either.run()

    found = either.ledger()

    assert found["accepted"] == 1
    assert right_side(found) == (0, 0, 0, 1)
    assert gap(found)[1] == "decided without a registration"


def test_a_case_that_was_seen_without_its_registration_is_a_gap(either: System) -> None:
    case_id = uuid4()
    recorded = SessionRecorded(
        case_id=case_id, session_no=1, held_on=START.date(), parties_present=2, joint=False
    )
    either.say("mediation", recorded)
    either.run()

    assert gap(either.ledger())[:2] == (
        str(case_id),
        "seen in the log without a registration",
    )


def test_a_case_that_intake_does_not_know_is_a_gap(either: System) -> None:
    """As after a backup of intake's database was played back."""
    either.file_dispute()
    stranger = either.file_dispute()
    either.run()
    with either.databases["intake"].transaction() as tx:
        tx.execute(delete(key_counter).where(key_counter.c.key == str(stranger)))

    found = either.ledger()

    assert found["accepted"] == 1
    assert right_side(found) == (1, 0, 0, 1)
    assert found["balanced"] is False
    assert gap(found) == (str(stranger), "in the log, but unknown to intake", "intake")


def test_many_gaps_are_counted_and_the_first_hundred_named(system: System) -> None:
    system.decide = lambda *_: None
    for _case in range(120):
        system.file_dispute()
    system.run()

    found = system.ledger()

    assert found["unexplained"] == 120
    assert len(found["gaps"]) == 100


def test_parked_cases_beyond_those_a_service_names_are_no_gaps(system: System) -> None:
    """A service names its oldest 200."""
    system.decide = refuse
    first = [system.file_dispute() for _case in range(203)]
    _park_at_once(system)

    found = system.ledger()

    assert len(first) == 203
    assert right_side(found) == (0, 0, 203, 0)


def _park_at_once(system: System) -> None:
    """A breaker would stop so many failures: set them aside by hand."""
    system.publish()
    system.consume("ops")
    subscription = system.log.subscribe("by-hand", ["hemu.cases"])
    waiting = {}
    while batch := subscription.poll(0.05):
        for records in batch.values():
            waiting.update({record.key: read(record) for record in records})
    subscription.close()
    with system.databases["mediation"].transaction() as tx:
        for each in waiting.values():
            parking.park(tx, "mediation", [each], Rejected("No."))
    system.decide = lambda *_: None
    system.consume("mediation")
    system.later()


def test_with_mediation_away_its_cases_wait_and_the_whole_is_not_well(either: System) -> None:
    either.decide = lambda *_: None
    either.file_dispute()
    either.run()
    either.away.add("mediation")

    found = either.ledger()

    assert right_side(found) == (0, 1, 0, 0)
    assert found["away"] == ["mediation"]
    assert found["in_words"]["zh"] == "联系不上：调解"


def test_with_intake_away_nobody_knows_what_was_accepted(either: System) -> None:
    either.file_dispute()
    either.run()
    either.away.add("intake")

    found = either.ledger()

    assert found["accepted"] is None
    assert found["balanced"] is None
    assert right_side(found) == (1, 0, 0, 0)
    assert found["away"] == ["intake"]


def test_with_the_log_away_nothing_is_called_a_gap(either: System, tmp_path: Path) -> None:
    either.decide = lambda *_: None
    either.file_dispute()
    either.run()
    nowhere = SqliteLog(tmp_path / "no" / "folder" / "log.sqlite")

    found = reconcile(replace(either.platform("ops"), log=nowhere))

    assert (found.waiting, found.unexplained) == (1, 0)
    assert found.away == ("log",)


def test_the_gauge_says_what_is_unexplained_and_where_to_look(system: System) -> None:
    system.decide = lambda *_: None
    system.file_dispute()
    lose(system, system.file_dispute())
    system.run()

    system.ledger()

    values = {
        service: LEDGER_UNEXPLAINED.labels(service)._value.get()
        for service in ("intake", "mediation", "referral")
    }
    assert values == {"intake": 1, "mediation": 1, "referral": 0}


def test_it_is_not_made_anew_within_a_second(system: System) -> None:
    before = system.ledger()
    system.file_dispute()

    assert system.ledger() == before

    system.later(1)
    assert system.ledger()["accepted"] == 1


@pytest.mark.parametrize("page", [1, 2, 3, 5_000])
def test_two_lists_are_compared_page_by_page(either: System, page: int) -> None:
    filed = [either.file_dispute() for _case in range(6)]
    lose(either, filed[2])
    either.run()
    with either.databases["intake"].transaction() as tx:
        tx.execute(delete(key_counter).where(key_counter.c.key == str(filed[4])))
    stranger = uuid4()
    with either.databases["mediation"].transaction() as tx:
        tx.emit(dispute_routed(stranger))
    either.run()

    here = either.platform("ops")
    found = compare(here, either.clock() - timedelta(seconds=2), page=page)

    assert found.missing == {str(filed[2])}
    assert set(found.strangers) == {str(filed[4])}
    with either.databases["intake"].reading() as session:
        assert len(session.scalars(select(key_counter.c.key)).all()) == 5
