"""The directory's JSON API."""

import pytest

from tests.directory.site import Site

LISTS = ("/api/v1/members", "/api/v1/organisations", "/api/v1/agencies")


@pytest.mark.parametrize("path", LISTS)
def test_whoever_is_not_signed_in_reads_nothing(site: Site, path: str) -> None:
    assert site.client.get(path).status_code == 401


@pytest.mark.parametrize("role", ["mediator", "agency_handler", "ops", "auditor", "grid_worker"])
@pytest.mark.parametrize("path", LISTS)
def test_every_role_may_read(site: Site, path: str, role: str) -> None:
    assert site.client.get(path, headers=site.headers(role)).status_code == 200


def test_an_organisation_says_whom_it_serves(site: Site) -> None:
    response = site.client.get(
        "/api/v1/organisations?kind=special_committee", headers=site.headers("mediator")
    )

    assert response.json == {
        "items": [
            {
                "id": "o-026",
                "kind": "special_committee",
                "name_zh": "示范区医疗纠纷调委会",
                "name_en": "Demo Medical Mediation Committee",
                "areas": ["350599"],
                "categories": ["medical"],
                "duties": [],
            }
        ]
    }


@pytest.mark.parametrize(
    "query, ids",
    [
        ("duty=utility_cut", ["o-052"]),
        ("duty=other_public_safety", ["o-054", "o-055"]),
        ("duty=other_public_safety&area=350599002001", ["o-055"]),
        ("duty=eco_env&area=110101", []),
    ],
)
def test_agencies_are_found_by_duty_and_area(site: Site, query: str, ids: list[str]) -> None:
    response = site.client.get(f"/api/v1/agencies?{query}", headers=site.headers("mediator"))

    assert response.json is not None
    assert [agency["id"] for agency in response.json["items"]] == ids


def test_members_are_found_by_role_area_and_organisation(site: Site) -> None:
    response = site.client.get(
        "/api/v1/members?role=mediator&area=350599001001&organisation=o-021",
        headers=site.headers("mediator"),
    )

    assert response.json is not None
    assert [member["id"] for member in response.json["items"]] == ["m-0002", "m-0003"]
    assert set(response.json["items"][0]) == {
        *("id", "name_zh", "name_en", "organisation_id", "roles", "areas")
    }


def test_following_the_links_shows_everybody_once(site: Site) -> None:
    headers = site.headers("mediator")
    found: list[str] = []
    path = "/api/v1/members?limit=20"
    while path:
        response = site.client.get(path, headers=headers)
        assert response.json is not None
        found += [member["id"] for member in response.json["items"]]
        link = response.headers.get("Link", "")
        path = link.partition(">")[0].removeprefix("<")

    everybody = site.client.get("/api/v1/members?limit=200", headers=headers)
    assert everybody.json is not None
    assert found == [member["id"] for member in everybody.json["items"]]
    assert "Link" not in everybody.headers


@pytest.mark.parametrize(
    "query, field",
    [
        ("role=stranger", "role"),
        ("area=3505", "area"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("name=张三", "name"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(site: Site, query: str, field: str) -> None:
    response = site.client.get(f"/api/v1/members?{query}", headers=site.headers("mediator"))

    assert 400 <= response.status_code < 500
    assert response.json is not None
    assert list(response.json["errors"]) == [field]


def test_the_api_describes_itself(site: Site) -> None:
    described = site.client.get("/api/v1/openapi.json").json

    assert described is not None
    assert set(LISTS) <= set(described["paths"])
