"""Signing in by a link, and out again."""

from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from services.directory.data import District
from shared.auth.actor import Actor
from shared.auth.door import COOKIE, HEADER, SIGN_IN
from shared.auth.tokens import DOOR, signer
from shared.clock import utc_now
from tests.directory.site import Site


def cookie_of(response: TestResponse) -> str:
    """The Set-Cookie line of the session."""
    [line] = [line for line in response.headers.getlist("Set-Cookie") if COOKIE in line]
    return line


@pytest.mark.parametrize(
    "role, home",
    [
        ("mediator", "/mediation/mediations"),
        ("pmc_director", "/mediation/mediations"),
        ("prosecutor", "/referral/leads"),
        ("proc_intake", "/referral/leads"),
        ("referral_officer", "/referral/leads"),
        ("agency_handler", "/referral/orders"),
        ("ops", "/ops/flows"),
        ("grid_worker", "/intake/"),
    ],
)
def test_a_link_leads_to_where_the_role_has_its_work(site: Site, role: str, home: str) -> None:
    response = site.client.get(site.link(role))

    assert response.status_code == 303
    assert response.location == home


def test_a_link_opens_a_session_for_the_door(site: Site) -> None:
    response = site.client.get(site.link("mediator"))

    session = site.client.get_cookie(COOKIE)
    assert session is not None
    assert site.arrives(session.value, DOOR) == site.member("mediator")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"):
        assert part in cookie_of(response)
    assert "Secure" not in cookie_of(response)


def test_the_cookie_is_for_https_only_where_there_is_https(site: Site) -> None:
    response = site.client.get(site.link("mediator"), base_url="https://localhost")

    assert "Secure" in cookie_of(response)


def test_the_address_of_the_link_is_not_passed_on(site: Site) -> None:
    response = site.client.get(site.link("mediator"))

    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("audience", [DOOR, "directory"])
def test_no_other_token_opens_a_session(site: Site, audience: str) -> None:
    token = site.sign(site.member("mediator"), audience)

    response = site.client.get(f"/sign-in?link={token}")

    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers


def test_a_link_is_nothing_but_a_link(site: Site) -> None:
    _, _, token = site.link("mediator").partition("link=")

    response = site.client.get("/api/v1/members", headers={HEADER: token})

    assert response.status_code == 401


@pytest.mark.parametrize("token", ["", "forged", "a.b.c"])
def test_a_forged_link_is_refused(site: Site, token: str) -> None:
    assert site.client.get(f"/sign-in?link={token}").status_code == 401


def test_a_link_is_good_for_twelve_hours(site: Site) -> None:
    yesterday = signer(site.keys, "directory", lambda: utc_now() - timedelta(hours=13))
    token = yesterday.sign(site.member("mediator"), audience=SIGN_IN, lifetime=timedelta(hours=12))

    assert site.client.get(f"/sign-in?link={token}").status_code == 401


def test_a_link_of_somebody_who_left_is_refused(site: Site, demo: District) -> None:
    token = site.sign(Actor(id="m-9999", roles=frozenset({"ops"})), SIGN_IN)

    assert "m-9999" not in [member.id for member in demo.members]
    assert site.client.get(f"/sign-in?link={token}").status_code == 401


def test_a_session_holds_the_roles_of_now_not_those_of_the_link(site: Site) -> None:
    mediator = site.member("mediator")
    token = site.sign(Actor(id=mediator.id, roles=frozenset({"ops"})), SIGN_IN)

    site.client.get(f"/sign-in?link={token}")

    session = site.client.get_cookie(COOKIE)
    assert session is not None
    assert site.arrives(session.value, DOOR) == mediator


def test_without_a_link_the_page_says_how_to_get_one(site: Site) -> None:
    response = site.client.get("/sign-in", headers={"Accept-Language": "en"})

    assert response.status_code == 200
    assert "sign-in link" in response.text


def test_the_page_says_as_whom_one_is_signed_in(site: Site) -> None:
    response = site.client.get("/sign-in", headers=site.headers("pmc_director"))

    assert "Committee director" in response.text
    assert 'action="/sign-out"' in response.text


def test_signing_out_takes_the_cookie_away(site: Site) -> None:
    site.client.get(site.link("mediator"))

    response = site.client.post("/sign-out")

    assert response.status_code == 303
    assert site.client.get_cookie(COOKIE) is None
