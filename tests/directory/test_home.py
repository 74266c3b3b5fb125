"""Where everybody begins, and what an administrator finds there."""

from datetime import date

import pytest

from services.directory.data import District, days_around, week
from shared.auth.door import HEADER
from shared.clock import day_in_china
from tests.directory.office import ADMINISTRATOR, AUDITOR, MEDIATOR, OF_THE_STREET, Office, hidden
from tests.directory.people import Person
from tests.directory.site import Site

FRIDAY = date(2026, 9, 18)


@pytest.mark.parametrize(
    "role, home",
    [
        ("mediator", "/mediation/"),
        ("agency_lead", "/referral/"),
        ("auditor", "/mediation/audit"),
        ("grid_worker", "/intake/"),
    ],
)
def test_the_first_page_is_that_of_ones_role(fresh: Site, role: str, home: str) -> None:
    answer = fresh.client.get("/home", headers=fresh.headers(role))

    assert (answer.status_code, answer.location) == (303, home)


def test_who_is_nobody_begins_where_cases_are_filed(fresh: Site) -> None:
    assert fresh.client.get("/home").location == "/intake/"


def test_in_a_complete_directory_there_is_somebody_for_everything(office: Office) -> None:
    shown = office.get("/").text

    assert "For everything there is somebody who can do it." in shown
    assert "Nobody is away." in shown


def test_it_names_who_is_on_leave_and_what_nobody_can_do_meanwhile(office: Office) -> None:
    today = day_in_china(office.site.clock())
    page = office.get("/members/m-0016").text
    leave = {"version": hidden(page, "version"), "leave_from": str(today), "confirmed": "yes"}
    assert office.post("/members/m-0016/leave", leave).status_code == 303

    shown = office.get("/").text

    assert "Director F" in shown
    assert "nobody at Demo Medical Mediation Committee is Committee director" in shown


def test_who_has_not_signed_in_yet_is_named_within_reach(office: Office) -> None:
    Person.of(office.site, "org_admin", initial=True)
    shown = office.get("/").text

    assert "has a first password and has not used it" in shown
    assert "has no account yet" in shown
    assert "Agency" not in office.get("/", OF_THE_STREET).text.partition("Not signed in yet")[2]


def test_an_auditor_looks_and_a_mediator_does_not(office: Office) -> None:
    assert office.get("/", AUDITOR).status_code == 200
    assert "Open an account" not in office.get("/", AUDITOR).text
    assert office.get("/", MEDIATOR).status_code == 403


def test_a_week_shows_who_has_which_day(demo: District) -> None:
    days = days_around(FRIDAY)

    [first, *_] = week(demo.duties, days)

    assert (days[0], days[-1]) == (date(2026, 9, 14), date(2026, 9, 20))
    assert len(first.days) == 7
    assert all(len(people) == 1 for people in first.days)


def test_before_it_counts_a_place_is_in_no_week(demo: District) -> None:
    days = days_around(date(2025, 6, 1))

    assert all(people == [] for line in week(demo.duties, days) for people in line.days)


def test_an_administrator_is_greeted_by_name(office: Office) -> None:
    answer = office.site.client.get(
        "/", headers={HEADER: office.site.sign(ADMINISTRATOR, "directory"), "Accept-Language": "en"}
    )

    assert "District administrator 1" in answer.text
