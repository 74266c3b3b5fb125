"""Filing disputes and leads over the JSON API."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.intake.models.sealed_tables import informants
from services.intake.models.tables import disputes, leads
from shared.db.message_tables import outbox
from shared.events.intake import (
    CaseFacts,
    Danger,
    DisputeRegistered,
    HandledBefore,
    LeadRegistered,
    PartyFacts,
    PublicInterest,
)
from tests.intake.bodies import DISPUTE, LEAD, PUBLIC_DISPUTE, changed, samples, without
from tests.intake.site import Site, person

RESIDENT = person("resident")


def test_a_dispute_gets_a_number_and_a_receipt(site: Site) -> None:
    response = site.file("disputes", DISPUTE)

    told = response.get_json()
    assert response.status_code == 201
    assert set(told) == {"case_id", "registration_no", "receipt", "questions"}
    assert told["registration_no"] == "JF350599-2026-000001"
    assert re.fullmatch(r"[0-9]{4}( [0-9]{4}){3}", told["receipt"])
    assert told["questions"] == []
    assert response.headers["Location"] == f"/api/v1/disputes/{told['case_id']}"


def test_a_lead_gets_a_number_and_a_receipt(site: Site) -> None:
    response = site.file("leads", LEAD)

    told = response.get_json()
    assert response.status_code == 201
    assert set(told) == {"lead_id", "registration_no", "receipt", "questions"}
    assert told["registration_no"] == "XS350599-2026-000001"
    assert response.headers["Location"] == f"/api/v1/leads/{told['lead_id']}"


def test_the_registration_of_a_dispute_is_announced_in_codes(site: Site) -> None:
    told = site.filed("disputes", DISPUTE)

    [event] = site.announced()
    assert isinstance(event, DisputeRegistered)
    assert str(event.case_id) == told["case_id"]
    assert event == DisputeRegistered(
        case_id=event.case_id,
        number=told["registration_no"],
        category="neighbour.water_leak",
        origin="application",
        area="350599001001",
        grid="350599001001003",
        amount_fen=120_000,
        since=datetime(2026, 5, 1, tzinfo=UTC).date(),
        parties=(
            PartyFacts(side="applicant", kind="person", consent="agreed", vulnerable=("elder",)),
            PartyFacts(side="respondent", kind="person", consent="unknown"),
        ),
        handled_before=(HandledBefore(by="police", status="pending", entrusted=True),),
        danger=Danger(**DISPUTE["danger"]),
        facts=CaseFacts(**DISPUTE["facts"]),
        public_interest=PublicInterest(affects_others="no"),
        directory_revision=7,
    )


def test_the_registration_of_a_lead_is_announced_in_codes(site: Site) -> None:
    told = site.filed("leads", LEAD)

    [event] = site.announced()
    assert isinstance(event, LeadRegistered)
    assert str(event.lead_id) == told["lead_id"]
    assert event == LeadRegistered(
        lead_id=event.lead_id,
        number=told["registration_no"],
        origin="application",
        area="350599001001",
        danger=Danger(),
        facts=CaseFacts(),
        public_interest=PublicInterest(affects_others="yes", field="food_drug"),
        directory_revision=7,
    )


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: str(sample["id"]))
def test_every_sample_is_registered(web: Site, sample: dict[str, object]) -> None:
    response = web.file(f"{sample['kind']}s", sample["body"])

    assert response.status_code == 201


def test_what_may_be_left_out_may_be_left_out(web: Site) -> None:
    least = {
        "category": "other",
        "narrative": "…",
        "place": {"area": "350599001001"},
        "parties": [
            {"side": "applicant", "kind": "unknown"},
            {"side": "respondent", "kind": "unknown"},
        ],
    }

    assert web.file("disputes", least).status_code == 201
    assert web.file("leads", without(without(least, "category"), "parties")).status_code == 201


def test_nothing_means_the_same_as_left_out(web: Site) -> None:
    body = changed(DISPUTE, "handled_before.0.entrust_letter", None)

    web.filed("disputes", changed(body, "place.point", None))

    [event] = web.announced()
    assert isinstance(event, DisputeRegistered)
    assert event.handled_before == (HandledBefore(by="police", status="pending", entrusted=False),)


def test_numbers_run_on_and_belong_to_district_and_year_in_china(site: Site) -> None:
    site.clock.now = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    first = site.filed("disputes", DISPUTE)["registration_no"]
    site.clock.move(minutes=1)
    body = without(changed(DISPUTE, "place.area", "110101001001"), "place.grid")
    second = site.filed("disputes", body)["registration_no"]

    assert (first, second) == ("JF350599-2026-000001", "JF110101-2027-000002")


def test_receipts_are_kept_as_fingerprints_only(site: Site) -> None:
    receipt = site.filed("disputes", DISPUTE)["receipt"]
    other = site.filed("leads", LEAD)["receipt"]

    assert receipt != other
    for table, given in ((disputes, receipt), (leads, other)):
        [row] = site.rows(table)
        assert row.receipt == site.seals.receipt.fingerprint(given.replace(" ", ""))


def test_a_signed_in_filer_is_known_as_such(site: Site) -> None:
    site.filed("disputes", DISPUTE, RESIDENT)
    site.filed("disputes", DISPUTE)

    assert [row.filer for row in site.rows(disputes)] == [RESIDENT.id, None]


def test_who_reports_a_lead_stands_nowhere_in_the_main_database(site: Site) -> None:
    site.filed("leads", LEAD, RESIDENT)

    [row] = site.rows(leads)
    assert row.filer not in {None, RESIDENT.id}
    [event] = site.rows(outbox)
    assert event.actor == "resident"


def test_the_informant_is_kept_in_the_sealed_database_under_an_opaque_reference(
    site: Site,
) -> None:
    site.filed("leads", LEAD)

    [lead] = site.rows(leads)
    [kept] = site.sealed_rows(informants)
    informant = site.seals.open_informant(kept.ref, kept.sealed)
    assert lead.informant_ref == kept.ref
    assert (informant.name, informant.phone) == ("赵举报", "13700000007")
    assert informant not in vars(site.seals.open_lead(lead.id, lead.sealed)).values()


def test_the_time_of_a_lead_is_kept_to_the_minute(site: Site) -> None:
    site.filed("leads", LEAD)

    [row] = site.rows(leads)
    assert row.filed_at == site.clock().replace(second=0, microsecond=0)


def test_the_same_request_again_gets_the_same_answer_and_registers_nothing(site: Site) -> None:
    first = site.file("disputes", DISPUTE, RESIDENT, Idempotency_Key="only-once-please")

    again = site.file("disputes", DISPUTE, RESIDENT, Idempotency_Key="only-once-please")

    assert again.status_code == 201
    assert again.get_json() == first.get_json()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(site.rows(disputes)) == len(site.announced()) == 1


def test_a_key_is_good_for_one_registration(site: Site) -> None:
    site.file("leads", LEAD, Idempotency_Key="only-once-please")

    other = site.file(
        "leads", changed(LEAD, "narrative", "别的事"), Idempotency_Key="only-once-please"
    )

    assert other.status_code == 422
    assert len(site.rows(leads)) == 1


def test_before_the_directory_has_arrived_nothing_is_registered(new_site: Site) -> None:
    for kind, body in (("disputes", DISPUTE), ("leads", LEAD)):
        response = new_site.file(kind, body)

        assert response.status_code == 503
        assert "Retry-After" in response.headers
    assert new_site.announced() == []


def test_intake_is_ready_when_the_directory_has_arrived(new_site: Site) -> None:
    assert new_site.get("/health/ready").status_code == 503

    new_site.know_the_district()

    assert new_site.get("/health/ready").status_code == 200


def test_a_database_without_a_sealed_one_is_a_mistake_that_shows(web: Site) -> None:
    broken = replace(web, platform=replace(web.platform, sealed=None))

    assert broken.file("disputes", DISPUTE).status_code == 500


def test_a_lead_of_an_area_that_nobody_here_screens_is_refused_naming_it(web: Site) -> None:
    response = web.file("leads", changed(LEAD, "place", {"area": "110101001001"}))

    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == ["place.area"]


def test_a_dispute_of_another_district_is_registered_without_a_lead_of_its_own(web: Site) -> None:
    elsewhere = changed(PUBLIC_DISPUTE, "place", {"area": "110101001001"})

    assert "lead" not in web.filed("disputes", elsewhere)
