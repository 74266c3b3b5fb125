"""The JSON API: what can be done, and what is refused."""

from uuid import UUID

import pytest

from tests.referral.calls import get, post, status, told
from tests.referral.site import (
    ENVIRONMENT,
    MARKET,
    Site,
    for_market,
    for_officer,
)

LEAD = UUID("00000000-0000-4000-8000-00000000000f")


def test_the_whole_way_of_a_lead_by_api(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    [order] = either_site.orders(LEAD)
    at = f"/orders/{order.order_id}"

    taken = post(either_site, f"{at}/acknowledge", who="handler")
    assert (taken.status_code, told(taken)["state"]) == (200, "acknowledged")
    assert taken.headers["ETag"] == '"2"'
    replied = post(
        either_site, f"{at}/reply", {"result": "fixed", "text": "已改"}, who="handler", version=2
    )
    assert told(replied)["state"] == "replied"
    closed = post(either_site, f"{at}/close", {"outcome": "fixed"}, version=3)
    assert told(closed)["state"] == "closed"
    version = get(either_site, f"/leads/{LEAD}")["version"]
    ended = post(either_site, f"/leads/{LEAD}/close", {}, version=version)

    assert (ended.status_code, told(ended)["state"], told(ended)["outcome"]) == (
        200,
        "closed",
        "fixed",
    )


def test_a_lead_is_sent_on_and_decided_by_api(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))

    sent = post(either_site, f"/leads/{LEAD}/transfer", {"note": "逾期未办"})
    assert sent.status_code == 201
    assert sent.location.endswith(f"/api/v1/reviews/{told(sent)['review_id']}")
    at = f"/reviews/{told(sent)['review_id']}"
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

    assert (told(decided)["state"], told(decided)["outcome"]) == ("closed", "filed")
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
    assert told(response)["type"] == "urn:hemu:problem:version-moved"
    assert either_site.lead(LEAD).state == "redirected_to_agency"


def test_a_change_asked_for_twice_is_done_once(either_site: Site) -> None:
    either_site.hear(for_officer(LEAD))
    body = {"agency_id": MARKET}

    first = post(either_site, f"/leads/{LEAD}/order", body, Idempotency_Key="order-0001")
    again = post(either_site, f"/leads/{LEAD}/order", body, Idempotency_Key="order-0001")

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
    second = post(site, f"/leads/{LEAD}/order", {"agency_id": ENVIRONMENT}, version=2)
    post(
        site,
        f"/orders/{told(second)['order_id']}/object",
        {"reason": "not_our_duty"},
        who="other_handler",
    )

    response = post(site, f"/leads/{LEAD}/order", {"agency_id": MARKET}, version=4)

    assert response.status_code == 422
    assert set(told(response)["errors"]) == {"agency_id"}


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
    assert field in told(response)["errors"]
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
