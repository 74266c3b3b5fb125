"""What is refused at the door: every refusal names its field."""

import pytest

from services.intake.models.sealed_tables import informants
from services.intake.models.tables import disputes, leads
from tests.intake.bodies import DISPUTE, LEAD, changed, without
from tests.intake.site import Site

PARTY = {"side": "applicant", "kind": "person"}

WRONG = [
    # unknown fields, at every depth
    ("surprise", 1, "surprise"),
    ("place.street", "x", "place.street"),
    ("place.point.height", 3, "place.point.height"),
    ("parties.0.id_number", "350599195301010000", "parties.0.id_number"),
    ("handled_before.0.when", "x", "handled_before.0.when"),
    ("danger.alcohol", "no", "danger.alcohol"),
    ("facts.weather", "no", "facts.weather"),
    ("public_interest.harm", "no", "public_interest.harm"),
    ("secrecy.from", "all", "secrecy.from"),
    ("suspect", {"name": "x"}, "suspect"),
    ("informant", {"name": "x"}, "informant"),
    # codes
    ("category", "neighbour.moonlight", "category"),
    ("category", 7, "category"),
    ("category", None, "category"),
    ("origin", "rumour", "origin"),
    ("danger.weapon", "maybe", "danger.weapon"),
    ("danger.weapon", True, "danger.weapon"),
    ("danger.weapon", None, "danger.weapon"),
    ("facts.exclusion", "too_hard", "facts.exclusion"),
    ("public_interest.field", "weather", "public_interest.field"),
    ("parties.0.side", "witness", "parties.0.side"),
    ("parties.0.kind", "cat", "parties.0.kind"),
    ("parties.0.consent", "perhaps", "parties.0.consent"),
    ("parties.0.vulnerable", ["rich"], "parties.0.vulnerable.0"),
    ("parties.0.vulnerable", "elder", "parties.0.vulnerable"),
    ("handled_before.0.by", "mother", "handled_before.0.by"),
    ("handled_before.0.status", "lost", "handled_before.0.status"),
    ("secrecy.hide_identity", "yes", "secrecy.hide_identity"),
    # places
    ("place", "第一社区", "place"),
    ("place.area", "350599", "place.area"),
    ("place.area", "350599001", "place.area"),
    ("place.area", "3505990010010", "place.area"),
    ("place.area", "三五〇五九九〇〇一〇〇一", "place.area"),
    ("place.area", 350599001001, "place.area"),
    ("place.grid", "350599001001", "place.grid"),
    ("place.grid", "350599001002003", "place.grid"),
    ("place.point.lat", 90.1, "place.point.lat"),
    ("place.point.lon", -180.5, "place.point.lon"),
    ("place.point", {"lat": 24.9}, "place.point.lon"),
    # words
    ("narrative", "", "narrative"),
    ("narrative", " \n ", "narrative"),
    ("narrative", "水" * 10_001, "narrative"),
    ("narrative", ["水"], "narrative"),
    ("narrative", "漏水\x07", "narrative"),
    ("claims", ["水" * 501], "claims.0"),
    ("claims", ["钱"] * 21, "claims"),
    ("parties.0.name", "王" * 101, "parties.0.name"),
    ("parties.0.phone", "call me", "parties.0.phone"),
    ("place.building", "5\n栋", "place.building"),
    # numbers, money, days
    ("amount", 1200, "amount"),
    ("amount", "1200.005", "amount"),
    ("amount", "-1", "amount"),
    ("amount", "1234567890123", "amount"),
    ("facts.households_affected", -1, "facts.households_affected"),
    ("facts.households_affected", 1.5, "facts.households_affected"),
    ("facts.households_affected", "12", "facts.households_affected"),
    ("danger.police_calls_12m", True, "danger.police_calls_12m"),
    ("parties.0.birth_year", 1853, "parties.0.birth_year"),
    ("parties.0.birth_year", 2027, "parties.0.birth_year"),
    ("since", "2026-02-30", "since"),
    ("since", "2026-11-21", "since"),
    ("public_interest.agency_informed_on", "2026-11-21", "public_interest.agency_informed_on"),
    # who is involved
    ("parties", [], "parties"),
    ("parties", [PARTY], "parties"),
    ("parties", [{**PARTY, "side": "respondent"}], "parties"),
    ("parties", [PARTY, {**PARTY, "side": "respondent"}] * 26, "parties"),
    ("parties", {"0": PARTY}, "parties"),
]


@pytest.mark.parametrize("path, value, named", WRONG)
def test_a_dispute_that_is_wrong_is_refused_and_the_field_named(
    quiet_site: Site, path: str, value: object, named: str
) -> None:
    response = quiet_site.file("disputes", changed(DISPUTE, path, value))

    assert response.status_code == 422, response.text
    assert response.content_type == "application/problem+json"
    assert list(response.get_json()["errors"]) == [named]
    assert quiet_site.rows(disputes) == []
    assert quiet_site.announced() == []


@pytest.mark.parametrize("name", ["category", "narrative", "place", "parties", "place.area"])
def test_a_dispute_with_a_gap_is_refused_and_the_gap_named(quiet_site: Site, name: str) -> None:
    response = quiet_site.file("disputes", without(DISPUTE, name))

    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == [name]


@pytest.mark.parametrize(
    "path, value",
    [
        ("category", "other"),
        ("parties", [PARTY]),
        ("claims", ["钱"]),
        ("amount", "1.00"),
        ("public_interest.summary", "x"),
        ("informant.wechat", "x"),
        ("suspect.kind", "ghost"),
        ("informant.phone", "no"),
        ("public_interest.field", "weather"),
    ],
)
def test_a_lead_that_is_wrong_is_refused_and_leaves_no_informant_behind(
    quiet_site: Site, path: str, value: object
) -> None:
    response = quiet_site.file("leads", changed(LEAD, path, value))

    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == [path]
    assert quiet_site.rows(leads) == quiet_site.sealed_rows(informants) == []


def test_all_that_is_wrong_is_named_at_once(quiet_site: Site) -> None:
    body = changed(changed(DISPUTE, "category", "x"), "danger.weapon", "x")

    errors = quiet_site.file("disputes", without(body, "narrative")).get_json()["errors"]

    assert set(errors) == {"category", "danger.weapon", "narrative"}


def test_today_in_china_is_not_in_the_future(web: Site) -> None:
    assert web.file("disputes", changed(DISPUTE, "since", "2026-11-20")).status_code == 201


def test_an_area_may_be_a_grid(web: Site) -> None:
    body = changed(DISPUTE, "place.area", "350599001001003")

    assert web.file("disputes", body).status_code == 201
    assert web.file("disputes", without(body, "place.grid")).status_code == 201


@pytest.mark.parametrize(
    "raw, status",
    [
        (b"[]", 400),
        (b"{", 400),
        (b'{"category": "other", "category": "other"}', 400),
        (b'{"narrative": "\xff"}', 400),
        (b'{"narrative": "\\u0000"}', 400),
        (b'{"amount": NaN}', 400),
        (b"", 400),
        (b" " * 300_000, 413),
    ],
)
def test_what_cannot_be_read_is_refused(quiet_site: Site, raw: bytes, status: int) -> None:
    response = quiet_site.client().post(
        "/api/v1/disputes", data=raw, content_type="application/json", headers=quiet_site.headers()
    )

    assert response.status_code == status
