"""The JSON API: who sees what, why it went there, and changes that say which version they saw."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.mediation.workers import copy_dossiers
from shared.web.paging import Cursor
from tests.mediation.site import Site
from tests.registrations import dispute

JOINT = {"facts": {"joint_room_requested": "yes"}}
PARTIES = {
    "narrative": "楼上漏水。",
    "parties": [
        {
            "side": "applicant",
            "kind": "person",
            "name": "王小兰",
            "phone": "13800000001",
            "birth_year": 1953,
        },
        {"side": "respondent", "kind": "property_firm", "name": "示范物业"},
    ],
    "place": {"area": "350599001001", "building": "5栋"},
}
READERS = ("mediator", "pmc_director", "judicial_office", "liaison", "prosecutor")


class Answering:
    """Intake, when it answers."""

    def get(self, service: str, path: str) -> object:
        return PARTIES

    def post(self, service: str, path: str, body: object) -> object:
        raise NotImplementedError


@pytest.fixture
def client(web: Site) -> FlaskClient:
    return web.client()


def registered(web: Site, **changes: Any) -> UUID:
    event = dispute(**{"case_id": uuid4(), **changes})
    web.hear(event)
    return event.case_id


def get(web: Site, client: FlaskClient, path: str, role: str = "mediator") -> Any:
    response = client.get(f"/api/v1{path}", headers=web.headers(role))
    assert response.status_code == 200, response.text
    return response.get_json()


def act(
    web: Site,
    client: FlaskClient,
    case: UUID,
    action: str,
    body: object,
    *,
    version: int | None = 1,
    role: str = "mediator",
    **headers: str,
) -> TestResponse:
    sent = web.headers(role) | {name.replace("_", "-"): text for name, text in headers.items()}
    if version is not None:
        sent["If-Match"] = f'"{version}"'
    return client.post(f"/api/v1/mediations/{case}/{action}", json=body, headers=sent)


def test_a_list_is_filtered_by_state_route_area_and_mediator(
    web: Site, client: FlaskClient
) -> None:
    joint = registered(web, **JOINT)
    elsewhere = registered(web, area="350599002001")
    held = registered(web, danger={"weapon": "yes"})

    def found(query: str, role: str = "judicial_office") -> set[str]:
        items = get(web, client, f"/mediations?{query}", role)["items"]
        return {row["case_id"] for row in items}

    assert found("route=joint_room") == {str(joint)}
    assert found("state=safety_hold") == {str(held)}
    assert found("area=350599002") == {str(elsewhere)}
    assert found("area=350599") == {str(joint), str(elsewhere), str(held)}
    assert found("mediator=me", "mediator") == found("mediator=m-0002") == {str(joint)}


def test_a_list_comes_in_pages_without_gap_or_repetition(web: Site, client: FlaskClient) -> None:
    cases = []
    for _ in range(3):  # three in each instant
        cases += [registered(web) for _ in range(3)]
        web.clock.move(minutes=1)
    path: str | None = "/api/v1/mediations?limit=2&state=consent_pending"
    seen: list[str] = []

    while path:
        response = client.get(path, headers=web.headers("judicial_office"))
        seen += [row["case_id"] for row in response.get_json()["items"]]
        link = response.headers.get("Link")
        path = link.partition(">")[0].removeprefix("<") if link else None

    assert sorted(seen) == sorted(map(str, cases))
    assert set(seen[:3]) == set(map(str, cases[-3:]))


@pytest.mark.parametrize(
    "query", ["state=gone", "route=x", "area=12", "limit=0", "cursor=x", "x=1"]
)
def test_a_filter_that_is_none_is_refused(web: Site, client: FlaskClient, query: str) -> None:
    response = client.get(f"/api/v1/mediations?{query}", headers=web.headers("mediator"))

    assert response.status_code == 400
    assert list(response.get_json()["errors"]) == [query.partition("=")[0]]


def test_a_cursor_that_somebody_made_up_is_refused(web: Site, client: FlaskClient) -> None:
    made_up = Cursor(web.clock(), "nobody").encode()

    response = client.get(f"/api/v1/mediations?cursor={made_up}", headers=web.headers("mediator"))

    assert response.status_code == 400


def test_a_case_says_what_can_be_done_and_by_whom(web: Site, client: FlaskClient) -> None:
    case = registered(web)

    found = get(web, client, f"/mediations/{case}", "judicial_office")

    committee = ["mediator", "pmc_director"]
    assert found["actions"] == [
        {"action": "accept", "roles": committee, "allowed": False, "outcomes": []},
        {
            "action": "conclude",
            "roles": committee,
            "allowed": False,
            "outcomes": [
                "refused",
                "unreachable",
                "withdrawn",
                "handed_to_court",
                "handed_to_agency",
            ],
        },
    ]
    mine = get(web, client, f"/mediations/{case}")["actions"]
    assert all(action["allowed"] for action in mine)


def test_routing_is_explained_in_data_and_in_words(web: Site, client: FlaskClient) -> None:
    case = registered(web, amount_fen=120_000, **JOINT)

    found = get(web, client, f"/mediations/{case}/routing")

    assert set(found) == {
        *("route", "rule", "rule_set", "decided_at", "directory_revision", "facts", "overlays"),
        *("parallel", "tried", "assigned", "in_words"),
    }
    assert (found["route"], found["rule"]) == ("joint_room", "M41")
    assert found["rule_set"] == {
        "name": "mediation.routing",
        "version": "2026-01",
        "valid_from": "2026-01-01",
    }
    assert found["facts"]["joint_room_requested"] == "yes"
    assert found["facts"]["amount_fen"] == 120_000
    assert found["tried"][0]["rule"] == "M01"
    assert found["tried"][-1]["rule"] == "M41"
    assert found["tried"][-1]["matched"]
    [because] = found["tried"][-2]["because"]
    assert because["fact"] == "joint_room_requested"
    assert found["assigned"]["mediator"]["name"] == {"zh": "调解员甲一", "en": "Mediator A-1"}
    assert found["assigned"]["prosecutor"]["id"] == "m-0042"
    assert "检察官" in found["in_words"]["zh"]
    assert "prosecutor" in found["in_words"]["en"]


def test_the_timeline_tells_the_newest_first(web: Site, client: FlaskClient) -> None:
    case = registered(web)
    web.clock.move(hours=1)
    act(web, client, case, "accept", {"parties_consented": True})

    items = get(web, client, f"/mediations/{case}/timeline")["items"]

    assert [item["event_type"].split(".")[1:3] for item in items] == [
        ["dispute", "accepted"],
        ["mediator", "assigned"],
        ["dispute", "routed"],
    ]
    assert items[0]["actor"] == {
        "id": "m-0002",
        "name": {"zh": "调解员甲一", "en": "Mediator A-1"},
    }
    assert (items[0]["state_before"], items[0]["state_after"]) == ("consent_pending", "accepted")
    assert items[2]["actor"] is None


@pytest.mark.parametrize(
    "role, name, phone, building, story",
    [
        ("mediator", "王小兰", "138****0001", "5栋", "楼上漏水。"),
        ("prosecutor", "王小兰", "138****0001", None, "楼上漏水。"),
        ("pmc_director", "王*兰", "138****0001", None, None),
        ("judicial_office", "王*兰", "138****0001", None, None),
        ("liaison", "王*兰", "138****0001", None, None),
    ],
)
def test_only_who_mediates_and_the_room_see_who_the_parties_are(
    web: Site,
    client: FlaskClient,
    role: str,
    name: str,
    phone: str,
    building: str | None,
    story: str | None,
) -> None:
    case = registered(web, **JOINT)
    copy_dossiers(web.workplace(Answering()))

    found = get(web, client, f"/mediations/{case}", role)["dossier"]

    [person, firm] = found["parties"]
    assert (person["name"], person["phone"]) == (name, phone)
    assert firm["name"] == "示范物业"
    assert (found["building"], found["narrative"]) == (building, story)


@pytest.mark.parametrize(
    "role, shown",
    [("mediator", True), ("prosecutor", True), ("pmc_director", False), ("judicial_office", False)],
)
def test_notes_of_sessions_are_for_who_mediates_and_the_room(
    web: Site, client: FlaskClient, role: str, *, shown: bool
) -> None:
    case = registered(web, **JOINT)
    act(web, client, case, "accept", {"parties_consented": True})
    body = {"held_on": "2026-03-02", "parties_present": 2, "notes": "各退一步"}
    act(web, client, case, "record-session", body, version=2)

    [held, *_] = get(web, client, f"/mediations/{case}/timeline", role)["items"]

    assert held["session"]["notes"] == ("各退一步" if shown else None)


def test_a_prosecutor_knows_only_of_cases_with_a_room(web: Site, client: FlaskClient) -> None:
    joint, other = registered(web, **JOINT), registered(web)

    items = get(web, client, "/mediations", "prosecutor")["items"]

    assert [row["case_id"] for row in items] == [str(joint)]
    for path in ("", "/routing", "/timeline"):
        response = client.get(
            f"/api/v1/mediations/{other}{path}", headers=web.headers("prosecutor")
        )
        assert response.status_code == 404


@pytest.mark.parametrize("path", ["", "/{case}", "/{case}/routing", "/{case}/timeline"])
def test_operations_and_strangers_read_nothing(web: Site, client: FlaskClient, path: str) -> None:
    address = f"/api/v1/mediations{path.format(case=registered(web))}"

    assert client.get(address, headers=web.headers("ops")).status_code == 403
    assert client.get(address).status_code == 401


@pytest.mark.parametrize("action", ["accept", "record-session", "conclude"])
@pytest.mark.parametrize("role", ["judicial_office", "liaison", "prosecutor", "ops"])
def test_only_the_committee_acts(web: Site, client: FlaskClient, action: str, role: str) -> None:
    case = registered(web, **JOINT)

    assert act(web, client, case, action, {}, role=role).status_code == 403


def test_a_change_answers_with_the_new_version(web: Site, client: FlaskClient) -> None:
    case = registered(web)

    accepted = act(web, client, case, "accept", {"parties_consented": True})

    assert accepted.status_code == 200
    assert accepted.headers["ETag"] == '"2"'
    assert (accepted.get_json()["state"], accepted.get_json()["version"]) == ("accepted", 2)
    read = client.get(f"/api/v1/mediations/{case}", headers=web.headers("mediator"))
    assert read.headers["ETag"] == '"2"'


def test_a_change_needs_the_version_that_was_seen(web: Site, client: FlaskClient) -> None:
    case = registered(web)
    body = {"parties_consented": True}

    assert act(web, client, case, "accept", body, version=None).status_code == 428
    assert act(web, client, case, "accept", body, version=2).status_code == 412
    assert act(web, client, case, "accept", body, version=1).status_code == 200
    assert act(web, client, case, "accept", body, version=2).status_code == 409


@pytest.mark.parametrize(
    "action, body, field",
    [
        ("accept", {}, "parties_consented"),
        ("accept", {"parties_consented": False}, "parties_consented"),
        ("accept", {"parties_consented": "yes"}, "parties_consented"),
        ("accept", {"parties_consented": True, "x": 1}, "x"),
        ("conclude", {}, "outcome"),
        ("conclude", {"outcome": "merged"}, "outcome"),
    ],
)
def test_what_is_wrong_with_a_change_is_named(
    web: Site, client: FlaskClient, action: str, body: object, field: str
) -> None:
    response = act(web, client, registered(web), action, body)

    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == [field]


@pytest.mark.parametrize(
    "change",
    [
        {"held_on": "2026-03-03"},
        {"held_on": "2026-03-01"},
        {"parties_present": 0},
        {"joint": "yes"},
        {"notes": "x" * 20_001},
    ],
)
def test_what_is_wrong_with_a_session_is_named(
    web: Site, client: FlaskClient, change: dict[str, object]
) -> None:
    case = registered(web)
    act(web, client, case, "accept", {"parties_consented": True})

    body = {"held_on": "2026-03-02", "parties_present": 2, **change}
    response = act(web, client, case, "record-session", body, version=2)

    assert response.status_code == 422
    assert list(response.get_json()["errors"]) == list(change)


def test_a_repeated_change_is_done_once(web: Site, client: FlaskClient) -> None:
    case = registered(web)
    body = {"parties_consented": True}

    first = act(web, client, case, "accept", body, Idempotency_Key="key-00000001")
    second = act(web, client, case, "accept", body, Idempotency_Key="key-00000001")

    assert second.get_json() == first.get_json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(web.announced(case)) == 3


def test_only_the_director_ends_a_safety_hold(web: Site, client: FlaskClient) -> None:
    case = registered(web, danger={"weapon": "yes"})
    body = {"outcome": "handed_to_police"}

    assert act(web, client, case, "conclude", body).status_code == 403
    ended = act(web, client, case, "conclude", body, role="pmc_director")
    assert ended.get_json()["state"] == "closed"


def test_rooms_tell_who_is_on_duty_and_which_are_open(web: Site, client: FlaskClient) -> None:
    case = registered(web, **JOINT)

    found = get(web, client, "/rooms", "prosecutor")

    assert found["day"] == "2026-03-02"
    on_duty = {(one["role"], one["member"]["id"]) for one in found["on_duty"]}
    assert ("prosecutor", "m-0042") in on_duty
    assert ("prosecutor", "m-0043") not in on_duty
    [room] = found["open"]
    assert room["case_id"] == str(case)
    assert room["prosecutor"]["id"] == "m-0042"


@pytest.mark.parametrize("role", READERS)
def test_every_answer_fits_what_the_description_promises(
    web: Site, client: FlaskClient, role: str
) -> None:
    registered(web, **JOINT)
    described = client.get("/api/v1/openapi.json").get_json()["paths"]

    get(web, client, "/mediations", role)

    assert "/api/v1/mediations/{case_id}/record-session" in described
