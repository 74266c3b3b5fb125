"""A registered dispute is decided once: stored, announced, and given to whoever must act."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event as sql_events
from sqlalchemy import func, select

from services.mediation.models import (
    DOSSIERS,
    MEDIATIONS,
    PENDING,
    Decision,
    Mediation,
    Room,
    timeline,
    workloads,
)
from services.mediation.routing import rule_book
from shared import rules
from shared.errors import Rejected
from shared.events import Event
from shared.events.intake import DisputeRegistered
from shared.events.mediation import DisputeRouted, MediatorAssigned, RoomOpened
from shared.messaging.reactions import NotYet
from tests.district import demo, member, organisation
from tests.mediation.site import FILED, Site
from tests.registrations import dispute, handled, party

COMMITTEE, STREET, MEDICAL = "o-021", "o-024", "o-026"
JOINT = {"facts": {"joint_room_requested": "yes"}}


def new(**changes: Any) -> DisputeRegistered:
    return dispute(**{"case_id": uuid4(), **changes})


def stored(site: Site, case_id: UUID) -> Mediation:
    with site.database.reading() as session:
        return session.get_one(Mediation, case_id)


def decision(site: Site, case_id: UUID) -> Decision:
    with site.database.reading() as session:
        return session.get_one(Decision, case_id)


def loads(site: Site) -> dict[str, int]:
    with site.database.reading() as session:
        return {row.member_id: row.open for row in session.execute(select(workloads))}


ROUTES = [
    ({"danger": {"weapon": "yes"}}, "police_immediate", "safety_hold", "red"),
    ({"danger": {"serious_crime": "yes"}}, "police_immediate", "safety_hold", "red"),
    ({"danger": {"child_harm": "yes"}}, "mandatory_report", "safety_hold", "red"),
    ({"danger": {"domestic_violence": "yes"}}, "safety_interview", "safety_hold", None),
    ({"questions": ("weapon",)}, "ask_again", "triage", None),
    ({"facts": {"exclusion": "title_to_land"}}, "not_accepted", "not_accepted", None),
    ({"category": "medical.any"}, "special_committee", "consent_pending", None),
    (JOINT, "joint_room", "consent_pending", None),
    ({"facts": {"crosses_communities": "yes"}}, "street_mediation", "consent_pending", None),
    ({}, "ordinary_mediation", "consent_pending", None),
]


@pytest.mark.parametrize("changes, route, state, risk", ROUTES)
def test_each_route_begins_in_its_state(
    site: Site, changes: dict[str, object], route: str, state: str, risk: str | None
) -> None:
    registered = new(**changes)

    site.hear(registered)

    found = stored(site, registered.case_id)
    assert (found.route, found.state, found.risk, found.version) == (route, state, risk, 1)
    [first, *_] = site.announced(registered.case_id)
    assert isinstance(first, DisputeRouted)
    assert (first.decision.route, first.state) == (route, state)
    assert first.safety_hold == found.safety_hold


@pytest.mark.parametrize(
    "changes, committee, mediators",
    [
        ({}, COMMITTEE, {"m-0002", "m-0003"}),
        (JOINT, COMMITTEE, {"m-0002", "m-0003"}),
        ({"facts": {"crosses_communities": "yes"}}, STREET, {"m-0011", "m-0012"}),
        ({"category": "medical.any"}, MEDICAL, {"m-0017", "m-0018"}),
    ],
)
def test_a_mediating_route_names_the_committee_and_one_of_its_mediators(
    site: Site, changes: dict[str, object], committee: str, mediators: set[str]
) -> None:
    registered = new(**changes)

    site.hear(registered)

    [routed, assigned, *_] = site.announced(registered.case_id)
    assert isinstance(routed, DisputeRouted)
    assert routed.committee_id == committee
    assert isinstance(assigned, MediatorAssigned)
    assert assigned.organisation_id == committee
    assert assigned.member_id in mediators
    assert loads(site) == {assigned.member_id: 1}


def test_a_joint_room_opens_with_the_mediator_and_the_prosecutor_on_duty(site: Site) -> None:
    registered = new(**JOINT)

    site.hear(registered)

    [_, assigned, opened] = site.announced(registered.case_id)
    assert isinstance(assigned, MediatorAssigned)
    assert isinstance(opened, RoomOpened)
    assert opened.mediator_id == assigned.member_id
    assert opened.prosecutor_id == "m-0042"  # Mondays
    with site.database.reading() as session:
        [room] = session.scalars(select(Room))
    assert (room.room_id, room.case_id) == (opened.room_id, registered.case_id)
    assert room.closed_at is None


@pytest.mark.parametrize(
    "danger, role",
    [
        ({"weapon": "yes"}, "police_liaison"),
        ({"child_harm": "yes"}, "child_protection"),
        ({"domestic_violence": "yes"}, "director"),
    ],
)
def test_a_route_without_mediation_names_who_must_act(
    site: Site, danger: dict[str, str], role: str
) -> None:
    registered = new(danger=danger)

    site.hear(registered)

    assigned = decision(site, registered.case_id).assigned
    assert {"committee", "director", role} <= set(assigned)
    assert "mediator" not in assigned
    assert loads(site) == {}


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"facts": {"exclusion": "petition_discipline"}}, "petition_discipline"),
        ({"handled_before": (handled("court", "pending"),)}, "already_in_court"),
        ({"handled_before": (handled("court", "decided"),)}, "already_judged"),
        ({"handled_before": (handled("police", "pending"),)}, "already_with_agency"),
        ({"parties": (party(), party("respondent", "refused"))}, "party_refused"),
        ({"area": "990101001001"}, "out_of_area"),
    ],
)
def test_what_is_not_accepted_has_a_reason(
    site: Site, changes: dict[str, object], reason: str
) -> None:
    registered = new(**changes)

    site.hear(registered)

    found = stored(site, registered.case_id)
    assert (found.state, found.reason) == ("not_accepted", reason)


def test_mediators_of_a_committee_share_the_cases_of_one_batch(site: Site) -> None:
    site.hear(*(new() for _ in range(10)))

    assert loads(site) == {"m-0002": 5, "m-0003": 5}


def test_the_next_batch_goes_on_where_the_last_one_ended(site: Site) -> None:
    site.hear(*(new() for _ in range(3)))
    site.hear(new())

    assert loads(site) == {"m-0002": 2, "m-0003": 2}


def test_loads_are_what_the_cases_say_whatever_the_batches_are(site: Site) -> None:
    for size in (1, 7, 2):
        site.hear(*(new(**JOINT) if n % 2 else new() for n in range(size)))

    with site.database.reading() as session:
        mediators = Counter(session.scalars(select(Mediation.mediator_id)))
    assert loads(site) == mediators


def test_two_consumers_at_once_count_every_case(site: Site) -> None:
    batches = [[site.delivered(new()) for _ in range(5)] for _ in range(8)]

    with ThreadPoolExecutor(max_workers=4) as consumers:
        list(consumers.map(site.take, batches))

    assert sum(loads(site).values()) == 40


def test_a_dispute_waits_for_the_directory_that_intake_had(site: Site) -> None:
    registered = new(directory_revision=2)
    delivered = site.delivered(registered)

    with pytest.raises(NotYet):
        site.take([delivered])
    site.know(*demo(), revision=2)
    site.take([delivered])

    assert decision(site, registered.case_id).directory_revision == 2


def test_what_is_delivered_again_does_nothing_twice(site: Site) -> None:
    delivered = [site.delivered(new(**JOINT)) for _ in range(3)]
    site.take(delivered)
    announced = site.announced()

    handled_again = site.take(delivered)

    assert handled_again == 0
    assert site.announced() == announced
    assert sum(loads(site).values()) == 3


def test_a_repeated_record_with_another_place_in_the_log_does_nothing_twice(site: Site) -> None:
    delivered = site.delivered(new())
    site.take([delivered, replace(delivered, offset=7)])

    assert loads(site) == {"m-0002": 1}


def test_the_rules_are_those_of_the_day_of_filing_in_china(site: Site) -> None:
    filed_at = datetime(2025, 12, 31, 17, 0, tzinfo=UTC)  # already 2026 in China
    registered = new()

    site.take([site.delivered(registered, filed_at=filed_at)])

    found = decision(site, registered.case_id)
    assert found.version == "2026-01"
    assert stored(site, registered.case_id).filed_at == filed_at


def test_a_case_from_before_the_first_rules_is_refused_whole(site: Site) -> None:
    registered = new()
    filed_at = datetime(2025, 12, 31, 15, 0, tzinfo=UTC)

    with pytest.raises(rules.RuleSetError):
        site.take([site.delivered(registered, filed_at=filed_at)])

    assert site.announced() == []
    assert rows(site) == 0


def test_the_stored_decision_can_be_decided_again(site: Site) -> None:
    registered = new(
        amount_fen=6_000_000, parties=(party("applicant", "agreed", "elder", "minor"),)
    )
    site.hear(registered)

    found = decision(site, registered.case_id)
    rule_set = rule_book().version(found.version)
    facts = {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in found.facts.items()
    }
    again = rules.decide(rule_set, facts)
    assert (again.route, again.rule) == (found.route, found.rule) == ("street_mediation", "M45")
    assert [[tried.rule.id, tried.matched] for tried in again.tried] == found.tried
    assert list(again.overlays) == found.overlays


def test_every_event_has_its_line_in_the_timeline(site: Site) -> None:
    registered = new(**JOINT)
    site.hear(registered)

    with site.database.reading() as session:
        lines = session.execute(
            select(timeline.c.event_type).order_by(timeline.c.at, timeline.c.event_id)
        ).scalars()
        assert list(lines) == [type(told).event_type for told in known(site.announced())]


def test_a_dossier_is_to_be_copied_for_every_case(site: Site) -> None:
    site.hear(new(), new(danger={"weapon": "yes"}))

    with site.database.reading() as session:
        dossiers = session.execute(select(DOSSIERS.c.state, DOSSIERS.c.next_try)).all()
    assert dossiers == [(PENDING, FILED), (PENDING, FILED)]


def test_a_batch_takes_as_many_statements_as_a_single_case(site: Site) -> None:
    def statements(count: int) -> int:
        delivered = [site.delivered(new(**JOINT)) for _ in range(count)]
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        with site.database.transaction() as tx:
            engine = tx.session.get_bind().engine
        sql_events.listen(engine, "before_cursor_execute", note)
        site.take(delivered)
        sql_events.remove(engine, "before_cursor_execute", note)
        return len(seen)

    statements(1)  # the first one also reads the directory

    assert statements(40) <= statements(1)  # many rows are copied in, which nobody counts


def test_a_committee_without_mediators_still_gets_the_case(site: Site) -> None:
    site.know(
        organisation("lonely", "community_committee", "350599009009"),
        member("boss", "pmc_director", "lonely", "350599009009"),
        revision=2,
    )
    registered = new(area="350599009009")

    site.hear(registered)

    found = stored(site, registered.case_id)
    assert (found.state, found.committee_id, found.mediator_id) == (
        "consent_pending",
        "lonely",
        None,
    )
    assert [type(told) for told in site.announced()] == [DisputeRouted]


def test_a_joint_room_without_any_prosecutor_is_refused(site: Site) -> None:
    gone = [
        replace(entry, active=False)
        for entry in demo()
        if "prosecutor" in getattr(entry, "roles", ()) or getattr(entry, "role", "") == "prosecutor"
    ]
    site.know(*gone, revision=2)

    with pytest.raises(Rejected, match="No prosecutor"):
        site.hear(new(**JOINT))

    assert rows(site) == 0


def rows(site: Site) -> int:
    with site.database.reading() as session:
        return session.scalar(select(func.count()).select_from(MEDIATIONS)) or 0


def known(events: list[Event | None]) -> list[Event]:
    return [event for event in events if event is not None]
