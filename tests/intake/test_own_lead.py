"""The lead that a dispute gives rise to: registered with it, and tied to it by nothing that is
not sealed.
"""

from dataclasses import replace
from datetime import date
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from services.intake.handlers.desk import Desk
from services.intake.models.sealed_tables import links
from services.intake.models.tables import disputes, leads
from shared.clock import day_in_china
from shared.db import Database
from shared.db.message_tables import outbox
from shared.events.intake import CaseFacts, Danger, DisputeRegistered, LeadRegistered
from shared.messaging.replica import Directory
from tests.intake.bodies import DISPUTE, PUBLIC_DISPUTE, SUMMARY, changed
from tests.intake.site import Site, bytes_of, person

RESIDENT = person("resident")

GROUNDS = [
    ("public_interest.affects_others", "yes"),
    ("public_interest.field", "food_drug"),
    ("public_interest.imminent_danger", "yes"),
    ("facts.utility_cut", "yes"),
]


@pytest.mark.parametrize("path, value", GROUNDS)
def test_each_ground_leads_to_a_lead(web: Site, path: str, value: str) -> None:
    told = web.filed("disputes", changed(DISPUTE, path, value))

    assert set(told["lead"]) == {"lead_id", "receipt"}
    [row] = web.rows(leads)
    assert row.id == UUID(told["lead"]["lead_id"])


@pytest.mark.parametrize("path", ["affects_others", "imminent_danger", "serious", "repeated"])
@pytest.mark.parametrize("value", ["no", "unknown"])
def test_nothing_less_does(web: Site, path: str, value: str) -> None:
    told = web.filed("disputes", changed(DISPUTE, f"public_interest.{path}", value))

    assert "lead" not in told
    assert web.rows(leads) == web.sealed_rows(links) == []


def test_unknown_is_not_yes_for_a_utility_cut(web: Site) -> None:
    assert "lead" not in web.filed("disputes", changed(DISPUTE, "facts.utility_cut", "unknown"))


def test_both_are_announced_by_one_transaction(site: Site) -> None:
    site.filed("disputes", PUBLIC_DISPUTE)

    assert [type(event) for event in site.announced()] == [DisputeRegistered, LeadRegistered]


def test_what_would_point_from_one_to_the_other_stands_in_the_lead_alone(site: Site) -> None:
    site.filed("disputes", PUBLIC_DISPUTE)

    dispute, _lead = site.announced()
    assert isinstance(dispute, DisputeRegistered)
    assert dispute.public_interest.people_affected is None
    assert dispute.public_interest.agency_informed_on is None


def test_a_request_that_is_repeated_seals_nothing_more(site: Site) -> None:
    for _ in range(3):
        site.file("disputes", PUBLIC_DISPUTE, RESIDENT, **{"Idempotency-Key": "the-same-key"})

    assert len(site.sealed_rows(links)) == 1


def test_the_lead_carries_codes_and_area_and_the_summary_alone(site: Site) -> None:
    site.filed("disputes", PUBLIC_DISPUTE, RESIDENT)

    dispute, lead = site.announced()
    assert isinstance(dispute, DisputeRegistered)
    assert isinstance(lead, LeadRegistered)
    assert lead == LeadRegistered(
        lead_id=lead.lead_id,
        number="XS350599-2026-000001",
        origin="application",
        area="350599001001",
        grid="350599001001003",
        danger=Danger(),
        facts=CaseFacts(utility_cut="no"),
        public_interest=replace(
            dispute.public_interest, people_affected=40, agency_informed_on=date(2026, 8, 1)
        ),
        directory_revision=7,
    )
    [row] = site.rows(leads)
    filed = site.seals.open_lead(row.id, row.sealed)
    assert (filed.narrative, filed.suspect, filed.handled_before) == (SUMMARY, None, ())
    assert (filed.place.building, filed.place.point) == (None, None)


def test_a_summary_is_not_kept_in_both(site: Site) -> None:
    site.filed("disputes", PUBLIC_DISPUTE)

    [row] = site.rows(disputes)
    assert site.seals.open_dispute(row.id, row.sealed).summary is None


def test_without_a_lead_the_summary_stays_with_the_dispute(site: Site) -> None:
    site.filed("disputes", changed(DISPUTE, "public_interest.summary", SUMMARY))

    [row] = site.rows(disputes)
    assert site.seals.open_dispute(row.id, row.sealed).summary == SUMMARY


def test_the_id_of_the_lead_is_random(site: Site) -> None:
    told = site.filed("disputes", PUBLIC_DISPUTE)

    assert UUID(told["case_id"]).version == 7
    assert UUID(told["lead"]["lead_id"]).version == 4


def test_their_events_share_no_id_actor_correlation_causation_or_trace(site: Site) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    site.file("disputes", PUBLIC_DISPUTE, RESIDENT, traceparent=trace)

    dispute, lead = site.rows(outbox)
    assert dispute.actor == RESIDENT.id
    for one, other in product(("event_id", "key", "actor", "correlation_id"), repeat=2):
        assert getattr(dispute, one) != getattr(lead, other)
    assert lead.causation_id is None
    assert (lead.traceparent or "")[3:35] != dispute.traceparent[3:35]


def test_their_rows_share_no_person_receipt_or_moment(site: Site) -> None:
    told = site.filed("disputes", PUBLIC_DISPUTE, RESIDENT)

    [dispute], [lead] = site.rows(disputes), site.rows(leads)
    assert told["receipt"] != told["lead"]["receipt"]
    assert dispute.receipt != lead.receipt
    assert lead.filer is lead.informant_ref is None
    assert dispute.filed_at != lead.filed_at


def test_the_link_can_be_opened_with_the_secret(site: Site) -> None:
    told = site.filed("disputes", PUBLIC_DISPUTE)

    case_id = UUID(told["case_id"])
    [link] = site.sealed_rows(links)
    assert link.dispute == site.seals.link_of(case_id)
    assert str(site.seals.open_link(case_id, link.sealed)) == told["lead"]["lead_id"]


def test_the_link_stands_in_no_file_as_it_is(web: Site) -> None:
    told = web.filed("disputes", PUBLIC_DISPUTE)

    home = web.platform.settings.home
    case_id, lead_id = UUID(told["case_id"]), UUID(told["lead"]["lead_id"])
    main, sealed = bytes_of(home / "intake.sqlite"), bytes_of(home / "sealed.sqlite")
    assert web.seals.link_of(case_id).encode() not in main
    for identifier in (case_id, lead_id):
        assert identifier.hex.encode() in main
        for form in (identifier.hex.encode(), str(identifier).encode(), identifier.bytes):
            assert form not in sealed


def test_a_dispute_leads_to_one_lead_at_most(site: Site) -> None:
    told = site.filed("disputes", PUBLIC_DISPUTE)
    desk = Desk(
        seals=site.seals,
        sealed=site.sealed,
        actor=RESIDENT,
        today=day_in_china(site.clock()),
        directory=Directory,
    )

    with pytest.raises(IntegrityError):
        desk.keep_link(UUID(told["case_id"]), UUID(int=1))

    assert len(site.sealed_rows(links)) == 1


def test_a_repeated_request_registers_no_second_lead(site: Site) -> None:
    first = site.file("disputes", PUBLIC_DISPUTE, Idempotency_Key="only-once-please")

    again = site.file("disputes", PUBLIC_DISPUTE, Idempotency_Key="only-once-please")

    assert again.get_json() == first.get_json()
    assert len(site.rows(leads)) == len(site.rows(disputes)) == 1


def test_no_answer_but_the_first_tells_of_the_lead(web: Site) -> None:
    told = web.filed("disputes", PUBLIC_DISPUTE, RESIDENT)

    secrets = [told["lead"]["lead_id"], told["lead"]["receipt"], "XS350599"]
    for path in (
        f"/api/v1/disputes/{told['case_id']}",
        "/api/v1/disputes",
        f"/disputes/{told['case_id']}",
        "/disputes",
    ):
        response = web.get(path, RESIDENT)
        assert response.status_code == 200
        assert not [secret for secret in secrets if secret in response.text]
    assert web.get("/api/v1/leads", RESIDENT).get_json() == {"items": []}


def test_when_the_sealed_database_is_away_nothing_is_registered(web: Site) -> None:
    away = Database(f"sqlite:///{web.platform.settings.home / 'away.sqlite'}", name="away")
    without_it = replace(web, platform=replace(web.platform, sealed=away))

    response = without_it.file("disputes", PUBLIC_DISPUTE)

    away.close()
    assert response.status_code == 503
    assert web.rows(disputes) == web.rows(leads) == web.announced() == []


def test_a_request_that_cannot_be_registered_now_seals_nothing(new_site: Site) -> None:
    response = new_site.file("disputes", PUBLIC_DISPUTE)

    assert response.status_code == 503
    assert new_site.rows(disputes) == new_site.rows(leads) == []
    assert new_site.sealed_rows(links) == []
