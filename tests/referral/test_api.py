"""The JSON API: who gets what, in which shape, and what is refused."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.referral.workers import copy_texts
from shared.messaging.replica import directory_revision
from tests.referral.site import (
    CANARY,
    ENVIRONMENT,
    MARKET,
    OFFICER,
    ON_DUTY,
    SUSPECT,
    TEXTS,
    Intake,
    Site,
    for_market,
    for_officer,
    for_prosecutor,
)
from tests.registrations import lead

LEAD = UUID("00000000-0000-4000-8000-00000000000f")
API = "/api/v1"


def get(site: Site, path: str, who: str = "officer") -> Any:
    response = site.client().get(API + path, headers=site.headers(who))
    assert response.status_code == 200, response.text
    return response.json


def status(site: Site, path: str, who: str) -> int:
    return site.client().get(API + path, headers=site.headers(who)).status_code


def post(
    site: Site,
    path: str,
    body: object = None,
    *,
    who: str = "officer",
    version: int | None = 1,
    client: FlaskClient | None = None,
    **headers: str,
) -> TestResponse:
    if version is not None:
        headers["If_Match"] = f'"{version}"'
    return (client or site.client()).post(
        API + path, json=body, headers=site.headers(who, **headers)
    )


def with_text(site: Site) -> None:
    copy_texts(site.workplace(Intake({LEAD: TEXTS})))


def test_a_lead_is_shown_with_its_text_order_and_holder(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    with_text(either_site)

    response = either_site.client().get(
        f"{API}/leads/{LEAD}", headers=either_site.headers("officer")
    )

    found = response.json
    assert response.headers["ETag"] == '"1"'
    assert found["state"] == "redirected_to_agency"
    assert found["area"] == {
        "id": "350599001001",
        "name": {"zh": "示范区第一社区", "en": "Demo Community 1"},
    }
    assert found["holder"]["organisation"]["id"] == MARKET
    assert found["officer"]["id"] == OFFICER
    assert found["text"] == {**TEXTS, "state": "ready"}
    [order] = found["orders"]
    assert order["task"]["en"].startswith("Please check in Demo Community 1: Food and drug safety")
    assert order["text"] is None
    assert found["reviews"] == []


def test_the_routing_says_what_was_tried_and_why(either_site: Site) -> None:
    either_site.hear(for_prosecutor(LEAD))

    found = get(either_site, f"/leads/{LEAD}/routing")

    assert set(found) == {
        *("route", "rule", "rule_set", "decided_at", "directory_revision", "facts"),
        *("overlays", "parallel", "tried", "assigned", "missing", "in_words"),
    }
    assert (found["route"], found["rule"]) == ("procuratorate", "L22")
    assert found["rule_set"] == {
        "name": "referral.routing",
        "version": "2026-01",
        "valid_from": "2026-01-01",
    }
    assert found["facts"]["serious"] == "yes"
    assert [tried["rule"] for tried in found["tried"] if tried["matched"]] == ["L22"]
    assert found["tried"][-1]["because"][0]["fact"] == "serious"
    assert found["assigned"]["prosecutor"]["id"] == ON_DUTY
    assert found["assigned"]["referral_officer"]["id"] == OFFICER
    assert "procuratorate" in found["in_words"]["en"]
    assert "移送检察院" in found["in_words"]["zh"]


def test_the_timeline_has_the_newest_first(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    either_site.clock.move(hours=1)
    [order] = either_site.orders(LEAD)
    post(either_site, f"/orders/{order.order_id}/acknowledge", who="handler")

    found = get(either_site, f"/leads/{LEAD}/timeline")["items"]

    assert [entry["event_type"] for entry in found] == [
        "referral.order.acknowledged.v1",
        "referral.order.opened.v1",
        "referral.lead.routed.v1",
    ]
    assert found[0]["actor"]["name"]["en"] == "Handler 2"
    assert found[0]["role"] == "agency_handler"
    assert found[1]["actor"] is None
    assert found[1]["details"]["agency"]["id"] == MARKET


def test_a_list_is_filtered_and_paged(either_site: Site) -> None:
    for number in range(5):
        either_site.hear(lead(lead_id=uuid4(), number=f"GY350599-2026-00000{number}"))
        either_site.clock.move(minutes=1)
    either_site.hear(for_prosecutor(uuid4()), lead(lead_id=uuid4(), area="350599002001"))
    client = either_site.client()

    first = client.get(
        f"{API}/leads?route=agency_follow_up&limit=3", headers=either_site.headers("officer")
    )
    link = first.headers["Link"]
    following = link[link.index("<") + 1 : link.index(">")]
    second = client.get(following, headers=either_site.headers("officer"))

    numbers = [item["number"] for page in (first, second) for item in page.json["items"]]
    assert numbers == [f"GY350599-2026-00000{number}" for number in (4, 3, 2, 1, 0)]
    assert "Link" not in second.headers


@pytest.mark.parametrize(
    "query,count",
    [
        ("", 3),
        ("?state=screening", 1),
        ("?state=closed", 0),
        ("?field=food_drug", 2),
        ("?area=350599001", 3),
        ("?area=350599001001", 3),
        ("?area=350599001002", 0),
        ("?area=350599", 3),
    ],
)
def test_each_filter_narrows(site: Site, query: str, count: int) -> None:
    site.hear(for_market(uuid4()), for_prosecutor(uuid4()), for_officer(uuid4()))

    assert len(get(site, f"/leads{query}")["items"]) == count


@pytest.mark.parametrize(
    "query", ["state=open", "field=x", "area=12", "limit=0", "cursor=abc", "mine=1"]
)
def test_a_filter_that_does_not_exist_is_refused(site: Site, query: str) -> None:
    assert status(site, f"/leads?{query}", "officer") == 400


# -- Who sees what ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who,of_agency,of_procuratorate",
    [
        ("officer", 200, 200),
        ("liaison", 200, 200),
        ("auditor", 200, 200),
        ("other_officer", 404, 404),
        ("prosecutor", 404, 200),
        ("other_prosecutor", 404, 404),
        ("proc_intake", 404, 200),
        ("chief", 404, 200),
        ("upper_intake", 404, 404),
        ("handler", 403, 403),
        ("mediator", 403, 403),
        ("ops", 403, 403),
    ],
)
@pytest.mark.parametrize("path", ["", "/routing", "/timeline"])
def test_a_lead_is_shown_to_those_it_concerns(
    site: Site, path: str, who: str, of_agency: int, of_procuratorate: int
) -> None:
    other = uuid4()
    site.hear(for_market(LEAD), for_prosecutor(other))

    assert status(site, f"/leads/{LEAD}{path}", who) == of_agency
    assert status(site, f"/leads/{other}{path}", who) == of_procuratorate


def test_without_sign_in_there_is_nothing(site: Site) -> None:
    assert site.client().get(f"{API}/leads").status_code == 401


@pytest.mark.parametrize("who", ["liaison", "auditor"])
def test_onlookers_see_what_became_of_it_and_not_what_was_written(site: Site, who: str) -> None:
    site.hear(for_market(LEAD))
    with_text(site)

    found = get(site, f"/leads/{LEAD}", who)

    assert found["state"] == "redirected_to_agency"
    assert found["text"] == {
        "state": "withheld",
        "narrative": None,
        "suspect": None,
        "building": None,
    }
    assert CANARY not in str(found)


@pytest.mark.parametrize("who", ["prosecutor", "proc_intake", "chief"])
def test_the_procuratorate_reads_the_narrative(site: Site, who: str) -> None:
    site.hear(for_prosecutor(LEAD))
    with_text(site)

    assert get(site, f"/leads/{LEAD}", who)["text"]["narrative"] == CANARY


def test_an_agency_sees_its_own_orders_only(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    [order] = either_site.orders(LEAD)

    assert [item["order_id"] for item in get(either_site, "/orders", "handler")["items"]] == [
        str(order.order_id)
    ]
    assert get(either_site, "/orders", "other_handler") == {"items": []}
    assert status(either_site, f"/orders/{order.order_id}", "other_handler") == 404


def test_an_agency_never_sees_the_narrative_or_the_lead(either_site: Site) -> None:
    """Whatever an agency can ask for, at whatever stage."""
    either_site.hear(for_officer(LEAD))
    with_text(either_site)
    words = {"agency_id": MARKET, "text": "请查看油烟净化设施是否运行"}
    opened = post(either_site, f"/leads/{LEAD}/order", words)
    assert opened.status_code == 201
    order = f"/orders/{opened.json['order_id']}"

    seen = [
        str(get(either_site, "/orders", "handler")),
        str(get(either_site, order, "handler")),
        post(either_site, f"{order}/acknowledge", who="handler").text,
        post(
            either_site,
            f"{order}/reply",
            {"result": "fixed", "text": "已修好净化器"},
            who="handler",
            version=2,
        ).text,
        str(get(either_site, order, "handler")),
    ]

    for answer in seen:
        for secret in (CANARY, SUSPECT, "7栋", str(LEAD), "informant"):
            assert secret not in answer
    assert "净化设施" in seen[1]
    assert "已修好净化器" in seen[-1]
    assert get(either_site, order, "handler")["lead_id"] is None
    assert get(either_site, order, "officer")["lead_id"] == str(LEAD)


def test_the_auditor_reads_codes_and_not_words(site: Site) -> None:
    site.hear(for_officer(LEAD))
    opened = post(site, f"/leads/{LEAD}/order", {"agency_id": MARKET, "text": "请到场"})
    order = f"/orders/{opened.json['order_id']}"

    assert get(site, order, "officer")["text"] == "请到场"
    assert get(site, order, "auditor")["text"] is None


# -- What is done ----------------------------------------------------------------------------------


def test_the_whole_way_of_a_lead_by_api(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    [order] = either_site.orders(LEAD)
    at = f"/orders/{order.order_id}"

    taken = post(either_site, f"{at}/acknowledge", who="handler")
    assert (taken.status_code, taken.json["state"]) == (200, "acknowledged")
    assert taken.headers["ETag"] == '"2"'
    replied = post(
        either_site, f"{at}/reply", {"result": "fixed", "text": "已改"}, who="handler", version=2
    )
    assert replied.json["state"] == "replied"
    closed = post(either_site, f"{at}/close", {"outcome": "fixed"}, version=3)
    assert closed.json["state"] == "closed"
    version = get(either_site, f"/leads/{LEAD}")["version"]
    ended = post(either_site, f"/leads/{LEAD}/close", {}, version=version)

    assert (ended.status_code, ended.json["state"], ended.json["outcome"]) == (
        200,
        "closed",
        "fixed",
    )


def test_a_lead_is_sent_on_and_decided_by_api(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))

    sent = post(either_site, f"/leads/{LEAD}/transfer", {"note": "逾期未办"})
    assert sent.status_code == 201
    assert sent.location.endswith(f"/api/v1/reviews/{sent.json['review_id']}")
    at = f"/reviews/{sent.json['review_id']}"
    assert get(either_site, at, "prosecutor")["note"] == "逾期未办"
    assert status(either_site, at, "handler") == 403
    assert post(either_site, f"{at}/acknowledge", who="prosecutor").status_code == 200
    decided = post(
        either_site,
        f"{at}/close",
        {"outcome": "filed", "document_no": "示检公〔2026〕12号"},
        who="prosecutor",
        version=2,
    )

    assert (decided.json["state"], decided.json["outcome"]) == ("closed", "filed")
    assert get(either_site, f"/leads/{LEAD}")["state"] == "filed"


def test_a_change_must_say_which_version_it_was_decided_on(site: Site) -> None:
    site.hear(for_officer(LEAD))

    response = post(site, f"/leads/{LEAD}/transfer", {}, version=None)

    assert response.status_code == 428


def test_a_change_decided_on_an_old_version_is_refused(either_site: Site) -> None:
    either_site.hear(for_officer(LEAD))
    post(either_site, f"/leads/{LEAD}/order", {"agency_id": ENVIRONMENT})

    response = post(either_site, f"/leads/{LEAD}/transfer", {})

    assert response.status_code == 412
    assert response.json["type"] == "urn:hemu:problem:version-moved"
    assert either_site.lead(LEAD).state == "redirected_to_agency"


def test_a_change_asked_for_twice_is_done_once(either_site: Site) -> None:
    either_site.hear(for_officer(LEAD))
    key = {"Idempotency_Key": "order-0001"}

    first = post(either_site, f"/leads/{LEAD}/order", {"agency_id": MARKET}, **key)
    again = post(either_site, f"/leads/{LEAD}/order", {"agency_id": MARKET}, **key)

    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(either_site.orders(LEAD)) == 1


def test_what_the_state_does_not_allow_is_a_conflict(site: Site) -> None:
    site.hear(for_market(LEAD))
    [order] = site.orders(LEAD)

    response = post(
        site, f"/orders/{order.order_id}/reply", {"result": "fixed", "text": "x"}, who="handler"
    )

    assert response.status_code == 409
    assert site.orders(LEAD)[0].state == "opened"


def test_bouncing_is_refused_with_the_field(site: Site) -> None:
    site.hear(for_market(LEAD))
    [first] = site.orders(LEAD)
    post(site, f"/orders/{first.order_id}/object", {"reason": "not_our_duty"}, who="handler")
    site.clock.move(minutes=1)
    second = post(site, f"/leads/{LEAD}/order", {"agency_id": ENVIRONMENT}, version=2).json
    post(
        site,
        f"/orders/{second['order_id']}/object",
        {"reason": "not_our_duty"},
        who="other_handler",
    )

    response = post(site, f"/leads/{LEAD}/order", {"agency_id": MARKET}, version=4)

    assert response.status_code == 422
    assert set(response.json["errors"]) == {"agency_id"}


@pytest.mark.parametrize(
    "action,body,field",
    [
        ("order", {}, "agency_id"),
        ("order", {"agency_id": MARKET, "urgent": True}, "urgent"),
        ("order", {"agency_id": MARKET, "text": "x" * 4001}, "text"),
        ("order", {"agency_id": "o-999"}, "agency_id"),
        ("transfer", {"to": "me"}, "to"),
        ("close", {"outcome": "done"}, "outcome"),
        ("close", {}, "outcome"),
        ("close", {"outcome": "filed"}, "outcome"),
    ],
)
def test_what_is_wrong_is_named(
    site: Site, action: str, body: dict[str, object], field: str
) -> None:
    site.hear(for_officer(LEAD))

    response = post(site, f"/leads/{LEAD}/{action}", body)

    assert response.status_code == 422
    assert field in response.json["errors"]
    assert site.lead(LEAD).state == "screening"


@pytest.mark.parametrize(
    "who,action,expected",
    [
        ("liaison", "order", 403),
        ("prosecutor", "transfer", 403),
        ("handler", "close", 403),
        ("ops", "close", 403),
        ("other_officer", "order", 404),
        ("proc_intake", "close", 404),
    ],
)
def test_only_the_officer_of_the_street_acts(
    site: Site, who: str, action: str, expected: int
) -> None:
    site.hear(for_officer(LEAD))
    bodies: dict[str, dict[str, object]] = {"order": {"agency_id": MARKET}}

    response = post(site, f"/leads/{LEAD}/{action}", bodies.get(action, {}), who=who)

    assert response.status_code == expected


def test_the_officer_does_not_act_for_the_agency(site: Site) -> None:
    site.hear(for_market(LEAD))
    [order] = site.orders(LEAD)

    assert post(site, f"/orders/{order.order_id}/acknowledge").status_code == 403


def test_an_unknown_lead_does_not_exist(site: Site) -> None:
    assert status(site, f"/leads/{uuid4()}", "officer") == 404
    assert post(site, f"/leads/{uuid4()}/transfer", {}).status_code == 404


def test_the_service_is_not_ready_without_a_directory(site: Site) -> None:
    client = site.client()
    assert client.get("/health/ready").status_code == 200

    with site.database.transaction() as tx:
        tx.execute(directory_revision.delete())

    response = client.get("/health/ready")
    assert (response.status_code, response.json["reason"]) == (
        503,
        "the directory has not arrived",
    )


def test_the_api_describes_itself(site: Site) -> None:
    found = site.client().get(f"{API}/openapi.json").json

    assert "/leads/{lead_id}/order" in str(found["paths"].keys())
