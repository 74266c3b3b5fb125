"""Seeing more of a lead for a while, by pages: with a reason, or in an emergency."""

from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import update
from werkzeug.test import TestResponse

from services.referral.models import OPENED
from services.referral.workers import copy_texts
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from tests.referral.site import CANARY, PEOPLE, TEXTS, Intake, Site, for_market, for_prosecutor

LEAD = UUID("00000000-0000-4000-8000-00000000000d")
WHY = {"reason_code": "supervision", "reason": "核实办理情况"}


def headers(site: Site, who: Actor) -> dict[str, str]:
    token = signer(site.keys, "directory", site.clock).sign(who, audience="referral")
    return {HEADER: token, "Accept-Language": "en"}


def look(site: Site, path: str, who: Actor) -> TestResponse:
    return site.client().get(path, headers=headers(site, who))


def send(site: Site, path: str, who: Actor, **fields: str) -> TestResponse:
    data = {**(fields or WHY), "request_key": str(uuid4())}
    return site.client().post(path, data=data, headers=headers(site, who))


def test_a_chief_prosecutor_says_why_and_reads_what_was_told(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    copy_texts(site.workplace(Intake(texts={LEAD: TEXTS})))
    chief = PEOPLE["chief"]
    before = look(site, f"/leads/{LEAD}", chief).text
    assert "See all of it for half an hour" in before
    assert CANARY not in before

    refused = send(site, f"/leads/{LEAD}/open", chief, reason_code="supervision", reason="x")
    assert (refused.status_code, CANARY in refused.text) == (422, False)
    assert send(site, f"/leads/{LEAD}/open", chief).status_code == 303

    assert CANARY in look(site, f"/leads/{LEAD}", chief).text
    site.clock.move(minutes=31)
    assert CANARY not in look(site, f"/leads/{LEAD}", chief).text


def test_a_broken_glass_is_looked_at_by_the_officer_of_the_street(site: Site) -> None:
    site.hear(for_market(LEAD))
    copy_texts(site.workplace(Intake(texts={LEAD: TEXTS})))
    intake = PEOPLE["proc_intake"]
    glass = f"/leads/{LEAD}/break-glass"
    assert look(site, f"/leads/{LEAD}", intake).status_code == 404
    assert "This case is not yours." in look(site, glass, intake).text
    assert "step-up" in send(site, glass, intake).text
    fresh = replace(intake, authenticated_at=site.clock(), second_factor=True)
    assert send(site, glass, fresh, reason_code="x").status_code == 422

    assert send(site, glass, fresh).status_code == 303

    assert CANARY in look(site, f"/leads/{LEAD}", intake).text
    officer = PEOPLE["officer"]
    assert "Openings to look at: 1" in look(site, "/leads", officer).text
    waiting = look(site, "/openings", officer).text
    assert "核实办理情况" in waiting
    place = waiting.partition('/review"')[0].rpartition('action="')[2] + "/review"
    assert send(site, place, PEOPLE["other_officer"], result="justified").status_code == 404
    assert send(site, place, officer, result="justified").status_code == 303
    assert send(site, place, officer, result="justified").status_code == 422
    assert "There is nothing to look at." in look(site, "/openings", officer).text


def test_a_list_counts_what_waits_without_opening_why(site: Site) -> None:
    site.hear(for_market(LEAD))
    intake = replace(PEOPLE["proc_intake"], authenticated_at=site.clock(), second_factor=True)
    send(site, f"/leads/{LEAD}/break-glass", intake)
    with site.database.transaction() as tx:
        tx.execute(update(OPENED).values(reason=b"sealed with a key that is gone"))

    assert "Openings to look at: 1" in look(site, "/leads", PEOPLE["officer"]).text
    assert "Openings to look at" not in look(site, "/leads", PEOPLE["other_officer"]).text
