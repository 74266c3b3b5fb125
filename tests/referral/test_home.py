"""What waits for somebody who comes in, the way from a number to its page, and who else looks."""

from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from services.referral.manifest import SERVICE
from services.referral.models import Lead
from services.referral.workers import copy_texts
from shared.audit.chaining import chain
from tests.referral.site import (
    TEXTS,
    Intake,
    Site,
    for_market,
    for_officer,
    for_prosecutor,
    for_upper,
)
from tests.referral.test_pages import order_path, page, send, words
from tests.registrations import lead

LEAD = UUID("00000000-0000-4000-8000-000000000010")
NUMBER = "GY350599-2026-100001"


def chained(site: Site) -> None:
    """Rows of the audit are read where a worker has moved them."""
    chain(site.database, site.keys.signing(SERVICE.name))


def find(site: Site, who: str, number: str) -> TestResponse:
    return site.client().get("/find", query_string={"number": number}, headers=site.headers(who))


def test_an_officer_begins_with_what_waits_the_longest(site: Site) -> None:
    site.hear(for_officer(LEAD))
    site.clock.move(days=2)
    site.hear(for_officer(uuid4()), for_market(uuid4()))

    text = page(site, "/")

    assert "Leads that wait for you: 2." in text
    assert "For 2 days" in text
    assert text.count("Decide who takes it up") == 2
    assert text.index(f"/leads/{LEAD}") < text.index("Since today")
    assert text.count("btn-primary") == 1
    assert "Demo Market Supervision Bureau" in text


def test_an_objection_is_called_one(site: Site) -> None:
    site.hear(for_market(LEAD))
    send(site, f"{order_path(site)}/object", {"reason": "not_our_duty"}, who="handler")

    assert "Decide who is next: the agency objected" in page(site, "/")


def test_a_prosecutor_is_told_of_their_own_and_of_nobody_elses(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))

    assert "Confirm that it has arrived" in page(site, "/", "prosecutor")
    assert "Confirm that it has arrived" in page(site, "/", "proc_intake")
    assert "Nothing waits for you." in page(site, "/", "other_prosecutor")


def test_an_upper_intake_officer_goes_on_with_what_is_theirs_by_name(site: Site) -> None:
    site.hear(for_upper(LEAD))
    [review] = site.reviews(LEAD)
    send(site, f"/reviews/{review.review_id}/acknowledge", {}, who="upper_intake")

    text = page(site, "/", "upper_intake")

    assert "Evaluate it and decide" in text
    assert text.count(f"/leads/{LEAD}") == 1


def test_an_agency_begins_with_orders_and_learns_no_moment_of_any(site: Site) -> None:
    site.hear(for_market(LEAD))
    before = page(site, "/", "handler")
    assert "Take it on, or object with a reason" in before
    assert "Week 10 of 2026" in before
    assert str(LEAD) not in before

    send(site, f"{order_path(site)}/acknowledge", {}, who="handler")

    assert "Answer what you found and did" in page(site, "/", "handler")


def test_the_navigation_tells_how_much_is_open(site: Site) -> None:
    def told(what: str, who: str) -> str:
        return site.client().get(f"/{what}/count", headers=site.headers(who)).text

    site.hear(for_officer(uuid4()), for_market(LEAD))
    assert told("leads", "officer") == '<data value="2">2</data>'
    assert told("leads", "other_officer") == ""
    assert told("orders", "handler") == '<data value="1">1</data>'

    send(site, f"{order_path(site)}/object", {"reason": "not_our_duty"}, who="handler")

    assert told("orders", "handler") == ""


@pytest.mark.parametrize("who", ["liaison"])
def test_who_only_sees_what_became_of_leads_begins_with_the_list(site: Site, who: str) -> None:
    response = site.client().get("/", headers=site.headers(who))

    assert (response.status_code, response.location) == (303, "/leads")


def test_nobody_elses_area_is_in_ones_home(either_site: Site) -> None:
    either_site.hear(for_officer(LEAD))

    assert "Nothing waits for you." in page(either_site, "/", "other_officer")


def test_a_number_leads_to_its_page(either_site: Site) -> None:
    either_site.hear(lead(lead_id=LEAD, number=NUMBER))

    assert find(either_site, "officer", f" {NUMBER.lower()} ").location == f"/leads/{LEAD}"
    assert find(either_site, "handler", NUMBER).location == order_path(either_site)


@pytest.mark.parametrize("who", ["other_officer", "other_handler", "prosecutor"])
def test_a_number_out_of_reach_is_as_one_that_is_not_there(site: Site, who: str) -> None:
    site.hear(lead(lead_id=LEAD, number=NUMBER))

    for number in (NUMBER, "GY350599-2026-999999"):
        response = find(site, who, number)

        assert response.status_code == 200
        assert "There is no case of yours with the number" in response.text
        assert str(LEAD) not in response.text


def test_who_works_on_a_lead_sees_which_colleague_looks_at_it(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    copy_texts(site.workplace(Intake({LEAD: TEXTS})))
    page(site, f"/leads/{LEAD}", "prosecutor")
    chained(site)

    assert "Prosecutor 1 is looking at it too" in page(site, f"/leads/{LEAD}", "proc_intake")
    for who in ("prosecutor", "officer", "liaison", "chief"):
        assert "is looking at it too" not in page(site, f"/leads/{LEAD}", who)
    site.clock.move(minutes=6)
    assert "is looking at it too" not in page(site, f"/leads/{LEAD}", "proc_intake")


def test_each_decision_of_a_prosecutor_stands_by_itself(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    [review] = site.reviews(LEAD)
    send(site, f"/reviews/{review.review_id}/acknowledge", {}, who="prosecutor")

    text = page(site, f"/leads/{LEAD}", "prosecutor")

    for verb in ("File a case", "File no case", "Return it for more facts"):
        assert f"Yes: {verb}" in words(text)
    assert "btn-primary" not in text
    send(
        site,
        f"/reviews/{review.review_id}/close",
        {"outcome": "returned"},
        who="prosecutor",
        version=2,
    )
    assert "Add what the procuratorate misses" in page(site, "/")


def test_who_sent_it_back_once_is_told_that_it_cannot_be_done_again(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    for _round in range(2):
        review = site.reviews(LEAD)[-1]
        at = f"/reviews/{review.review_id}"
        send(site, f"{at}/acknowledge", {}, who="prosecutor")
        send(site, f"{at}/close", {"outcome": "returned"}, who="prosecutor", version=2)
        found: Lead = site.lead(LEAD)
        send(site, f"/leads/{LEAD}/transfer", {"note": "补齐了"}, version=found.version)
        site.clock.move(minutes=1)

    assert "It cannot be returned again" in page(site, f"/leads/{LEAD}", "prosecutor")
