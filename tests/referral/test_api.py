"""The JSON API: who gets what, and in which shape."""

from uuid import UUID, uuid4

import pytest

from services.referral.workers import copy_texts
from shared.db.message_tables import directory_revision
from tests.referral.calls import API, get, post, status, told
from tests.referral.site import (
    CANARY,
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


def with_text(site: Site) -> None:
    copy_texts(site.workplace(Intake({LEAD: TEXTS})))


def test_a_lead_is_shown_with_its_text_order_and_holder(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    with_text(either_site)

    response = either_site.client().get(
        f"{API}/leads/{LEAD}", headers=either_site.headers("officer")
    )

    found = told(response)
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

    numbers = [item["number"] for page in (first, second) for item in told(page)["items"]]
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


@pytest.mark.parametrize(
    "who,of_agency,of_procuratorate",
    [
        ("officer", 200, 200),
        ("liaison", 200, 200),
        ("auditor", 403, 403),
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


@pytest.mark.parametrize("who", ["liaison"])
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


@pytest.mark.parametrize("who", ["prosecutor", "proc_intake"])
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
    order = f"/orders/{told(opened)['order_id']}"

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


def test_an_unknown_lead_does_not_exist(site: Site) -> None:
    assert status(site, f"/leads/{uuid4()}", "officer") == 404
    assert post(site, f"/leads/{uuid4()}/transfer", {}).status_code == 404


def test_the_service_is_not_ready_without_a_directory(site: Site) -> None:
    client = site.client()
    assert client.get("/health/ready").status_code == 200

    with site.database.transaction() as tx:
        tx.execute(directory_revision.delete())

    response = client.get("/health/ready")
    assert (response.status_code, told(response)["reason"]) == (
        503,
        "the directory has not arrived",
    )


def test_the_api_describes_itself(site: Site) -> None:
    found = told(site.client().get(f"{API}/openapi.json"))

    assert "/leads/{lead_id}/order" in str(found["paths"].keys())
