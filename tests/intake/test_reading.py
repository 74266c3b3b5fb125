"""Lists and single registrations over the JSON API: who sees what."""

from uuid import UUID, uuid4

import pytest

from shared.auth.actor import Actor
from shared.events.mediation import MediatorAssigned
from tests.intake.bodies import DISPUTE, LEAD, NAME, PHONE, RESPONDENT, changed, without
from tests.intake.site import Site, person

RESIDENT = person("resident")
NEIGHBOUR = person("resident", "m-9002")
OFFICE = Actor(
    id="m-0033",
    roles=frozenset({"judicial_office"}),
    areas=("350599", "110101"),
    organisation_id="o-031",
)
OFFICER = person("referral_officer", "m-0070")


def _numbers(site: Site, path: str, actor: Actor) -> list[str]:
    response = site.get(path, actor)
    assert response.status_code == 200, response.text
    return [item["registration_no"] for item in response.get_json()["items"]]


def test_a_list_shows_codes_place_and_masked_names(site: Site) -> None:
    told = site.filed("disputes", DISPUTE, RESIDENT)

    [item] = site.get("/api/v1/disputes", OFFICE).get_json()["items"]
    assert item == {
        "case_id": told["case_id"],
        "registration_no": told["registration_no"],
        "category": "neighbour.water_leak",
        "area": "350599001001",
        "grid": "350599001001003",
        "filed_at": "2026-11-20T01:30:17.123456+00:00",
        "state": "registered",
        "route": None,
        "outcome": None,
        "sessions": 0,
        "holders": [],
        "parties": [
            {"side": "applicant", "kind": "person", "name": "王*兰"},
            {"side": "respondent", "kind": "person", "name": "欧*国"},
        ],
        "changed_at": "2026-11-20T01:30:17.123456+00:00",
        "mine": False,
    }


def test_who_filed_a_dispute_sees_it_in_full(site: Site) -> None:
    told = site.filed("disputes", DISPUTE, RESIDENT)

    found = site.get(f"/api/v1/disputes/{told['case_id']}", RESIDENT).get_json()

    assert found["mine"] is True
    assert [party["name"] for party in found["parties"]] == [NAME, RESPONDENT]
    assert found["parties"][0]["phone"] == PHONE
    assert found["own"] == {
        "narrative": DISPUTE["narrative"],
        "claims": DISPUTE["claims"],
        "place": {"building": "5栋", "point": {"lat": 24.9, "lon": 118.6}},
        "handled_before": DISPUTE["handled_before"],
        "summary": None,
    }
    assert (found["amount"], found["since"]) == ("1200.00", "2026-05-01")


@pytest.mark.parametrize("role", ["mediator", "pmc_director", "liaison", "grid_worker"])
def test_every_other_role_sees_it_masked(web: Site, role: str) -> None:
    told = web.filed("disputes", DISPUTE, RESIDENT)
    web.hear(
        MediatorAssigned(case_id=UUID(told["case_id"]), member_id="m-0002", organisation_id="o-021")
    )

    response = web.get(f"/api/v1/disputes/{told['case_id']}", person(role, "m-0002", "o-021"))

    found = response.get_json()
    assert found["own"] is None
    assert found["parties"][0] == {
        "side": "applicant",
        "kind": "person",
        "name": "王*兰",
        "phone": "139****5678",
        "birth_year": None,
        "vulnerable": ["elder"],
        "consent": "agreed",
    }
    assert found["danger"]["threat"] == "yes"
    assert not [told for told in (NAME, PHONE, "5栋", "12号") if told in response.text]


def test_the_name_of_an_organisation_is_not_masked(web: Site) -> None:
    body = changed(
        changed(DISPUTE, "parties.1.kind", "property_firm"), "parties.1.name", "示范物业"
    )
    web.filed("disputes", body)

    [item] = web.get("/api/v1/disputes", OFFICE).get_json()["items"]
    assert item["parties"][1]["name"] == "示范物业"


def test_a_grid_worker_sees_their_own_grid(site: Site) -> None:
    here = site.filed("disputes", DISPUTE)
    site.filed("disputes", changed(DISPUTE, "place.grid", "350599001001002"))
    site.filed("disputes", without(DISPUTE, "place.grid"))
    worker = person("grid_worker", "m-0024", area="350599001001003")

    assert _numbers(site, "/api/v1/disputes", worker) == [here["registration_no"]]
    assert _numbers(site, "/api/v1/disputes?area=350599001", worker) == [here["registration_no"]]
    assert _numbers(site, "/api/v1/disputes?area=350599002", worker) == []


def test_a_resident_sees_only_their_own(site: Site) -> None:
    theirs = site.filed("disputes", DISPUTE, RESIDENT)
    site.filed("disputes", DISPUTE, NEIGHBOUR)
    site.filed("disputes", DISPUTE)

    assert _numbers(site, "/api/v1/disputes", RESIDENT) == [theirs["registration_no"]]
    assert site.get(f"/api/v1/disputes/{theirs['case_id']}", NEIGHBOUR).status_code == 404


def test_who_is_not_signed_in_reads_nothing(web: Site) -> None:
    told = web.filed("disputes", DISPUTE)

    for path in ("disputes", f"disputes/{told['case_id']}", "leads", f"leads/{uuid4()}"):
        assert web.get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize("role", ["ops", "auditor", "agency_handler", "org_admin", "mediator"])
def test_roles_that_have_no_business_with_leads_read_none(web: Site, role: str) -> None:
    assert web.get("/api/v1/leads", person(role)).status_code == 403


@pytest.mark.parametrize("role", ["ops", "auditor", "agency_handler", "referral_officer"])
def test_roles_that_have_no_business_with_disputes_read_none(web: Site, role: str) -> None:
    assert web.get("/api/v1/disputes", person(role)).status_code == 403


def test_a_lead_shows_neither_text_nor_informant(web: Site) -> None:
    told = web.filed("leads", LEAD, RESIDENT)

    response = web.get(f"/api/v1/leads/{told['lead_id']}", OFFICER)

    found = response.get_json()
    assert (found["field"], found["own"], found["mine"]) == ("food_drug", None, False)
    secrets = ("赵举报", "林大力", "辣条", "informant", "filer", "北门")
    assert not [secret for secret in secrets if secret in response.text]


def test_who_filed_a_lead_sees_what_they_wrote_but_not_who_they_are(site: Site) -> None:
    told = site.filed("leads", LEAD, RESIDENT)

    response = site.get(f"/api/v1/leads/{told['lead_id']}", RESIDENT)

    own = response.get_json()["own"]
    assert own["narrative"] == LEAD["narrative"]
    assert own["suspect"] == LEAD["suspect"]
    assert "赵举报" not in response.text
    assert site.get(f"/api/v1/leads/{told['lead_id']}", NEIGHBOUR).status_code == 404


def test_mine_are_those_one_has_filed(site: Site) -> None:
    for kind, body in (("disputes", DISPUTE), ("leads", LEAD)):
        theirs = site.filed(kind, body, NEIGHBOUR)
        site.filed(kind, body, RESIDENT)
        site.filed(kind, body)

        assert _numbers(site, f"/api/v1/{kind}?mine=yes", NEIGHBOUR) == [theirs["registration_no"]]


def test_who_takes_a_report_keeps_no_later_view_of_it(site: Site) -> None:
    liaison = person("liaison", "m-0032")
    dispute = site.filed("disputes", DISPUTE, liaison)
    lead = site.filed("leads", LEAD, liaison)

    assert len(_numbers(site, "/api/v1/leads", liaison)) == 1
    assert _numbers(site, "/api/v1/leads?mine=yes", liaison) == []
    found = site.get(f"/api/v1/leads/{lead['lead_id']}", liaison).get_json()
    assert (found["own"], found["mine"]) == (None, False)
    [mine] = _numbers(site, "/api/v1/disputes?mine=yes", liaison)
    assert mine == dispute["registration_no"]
    assert site.get(f"/api/v1/disputes/{dispute['case_id']}", liaison).get_json()["own"] is None


@pytest.mark.parametrize(
    "query, count",
    [
        ("category=neighbour.water_leak", 2),
        ("category=neighbour", 2),
        ("category=medical.any", 0),
        ("area=350599", 2),
        ("area=350599001", 2),
        ("area=350599001001", 1),
        ("area=350599001002", 1),
        ("area=350599001001003", 1),
        ("area=350599001001004", 0),
        ("state=registered", 3),
        ("state=accepted", 0),
        ("q=JF350599-2026-000002", 1),
        ("q=jf350599-2026-000002", 1),
        ("q=2", 1),
        ("q=9", 0),
        ("q=somebody", 0),
        ("q=", 3),
        ("category=&area=&state=", 3),
    ],
)
def test_a_list_is_narrowed(site: Site, query: str, count: int) -> None:
    here = without(changed(DISPUTE, "place.area", "350599001002"), "place.grid")
    site.filed("disputes", DISPUTE)
    site.filed("disputes", here)
    elsewhere = changed(changed(DISPUTE, "category", "other"), "place.area", "110101001001")
    site.filed("disputes", without(elsewhere, "place.grid"))

    assert len(_numbers(site, f"/api/v1/disputes?{query}", OFFICE)) == count


def test_leads_are_narrowed_by_field(site: Site) -> None:
    site.filed("leads", LEAD)
    site.filed("leads", without(LEAD, "public_interest"))

    assert len(_numbers(site, "/api/v1/leads?field=food_drug", OFFICER)) == 1


@pytest.mark.parametrize(
    "query, named",
    [
        ("state=lost", "state"),
        ("category=weather", "category"),
        ("area=12", "area"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("mine=perhaps", "mine"),
        ("owner=me", "owner"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_and_named(
    quiet_site: Site, query: str, named: str
) -> None:
    response = quiet_site.get(f"/api/v1/disputes?{query}", OFFICE)

    assert response.status_code == 400
    assert list(response.get_json()["errors"]) == [named]


def test_pages_follow_one_another_newest_first(site: Site) -> None:
    filed = []
    for number in range(5):
        filed.append(site.filed("disputes", DISPUTE)["registration_no"])
        site.clock.move(seconds=number % 2)

    seen, path = [], "/api/v1/disputes?limit=2"
    while path:
        response = site.get(path, OFFICE)
        seen.append([item["registration_no"] for item in response.get_json()["items"]])
        link = response.headers.get("Link", "")
        path = link.partition(">")[0].removeprefix("<")

    assert [len(page) for page in seen] == [2, 2, 1]
    assert sorted(number for page in seen for number in page) == filed
    assert seen[0][0] == filed[-1]


def test_what_has_not_changed_is_not_sent_again(web: Site) -> None:
    told = web.filed("disputes", DISPUTE, RESIDENT)
    path = f"/api/v1/disputes/{told['case_id']}"
    first = web.get(path, RESIDENT)

    again = web.client().get(
        path, headers={**web.headers(RESIDENT), "If-None-Match": first.headers["ETag"]}
    )

    assert (first.status_code, again.status_code) == (200, 304)


def test_an_unknown_case_is_not_found(quiet_site: Site) -> None:
    assert quiet_site.get(f"/api/v1/disputes/{uuid4()}", OFFICE).status_code == 404
    assert quiet_site.get(f"/api/v1/leads/{uuid4()}", OFFICER).status_code == 404
