"""The day of a member, and finding a case by its number."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from services.mediation import queries
from services.mediation.workers import copy_dossiers
from services.navigation import FINDERS
from shared.audit.worker import Auditing
from shared.auth.actor import Viewer
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from tests.mediation.site import PEOPLE, Site
from tests.mediation.test_openings import Answering
from tests.registrations import dispute

NUMBER = "RJ350599-2026-000001"


@pytest.fixture
def client(web: Site) -> FlaskClient:
    return web.client()


def registered(web: Site, **changes: Any) -> UUID:
    registration = dispute(**{"case_id": uuid4(), **changes})
    web.hear(registration)
    return registration.case_id


def main_of(web: Site, client: FlaskClient, path: str, role: str = "mediator") -> str:
    answer = client.get(path, headers=web.headers(role))
    assert answer.status_code == 200
    return " ".join(answer.text.partition("<main")[2].partition("</main>")[0].split())


def home(web: Site, role: str) -> queries.Home:
    with web.database.reading() as session:
        return queries.home(session, Viewer(actor=PEOPLE[role], now=web.clock()))


def test_what_came_in_today_is_new_and_afterwards_waits(web: Site) -> None:
    first = registered(web)
    web.clock.move(hours=25)
    registered(web)  # for the other mediator, who has less to do
    third = registered(web)

    found = home(web, "mediator")

    assert [row.mediation.case_id for row in found.waiting] == [first]
    assert [row.mediation.case_id for row in found.new] == [third]
    assert found.own
    assert found.counts["consent_pending"] == 2


def test_a_director_sees_what_nobody_mediates_but_not_the_work_of_others(web: Site) -> None:
    registered(web)
    held = registered(web, danger={"weapon": "yes"})

    found = home(web, "pmc_director")

    assert [row.mediation.case_id for row in found.waiting] == [held]
    assert (found.held, found.own, found.counts["consent_pending"]) == (1, False, 1)


def test_what_was_concluded_this_month_is_counted(web: Site) -> None:
    case = registered(web)
    send = {"version": "1", "request_key": str(uuid4()), "outcome": "refused"}
    place = f"/mediations/{case}/conclude"
    assert web.client().post(place, data=send, headers=web.headers("mediator")).status_code == 303

    assert home(web, "mediator").concluded == 1
    web.clock.move(days=31)
    assert home(web, "mediator").concluded == 0


def test_the_navigation_tells_how_many_cases_are_open(web: Site, client: FlaskClient) -> None:
    def told(role: str) -> str:
        return client.get("/mediations/count", headers=web.headers(role)).text

    assert told("mediator") == ""
    for _ in range(3):
        registered(web)  # in turn for one mediator and the other

    assert told("mediator") == '<data value="2">2</data>'
    assert told("pmc_director") == '<data value="3">3</data>'


def test_the_day_takes_few_statements(web: Site) -> None:
    for _ in range(5):
        registered(web)
    home(web, "mediator")
    seen: list[str] = []

    def count(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    with web.database.reading() as session:
        engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", count)
    home(web, "mediator")
    event.remove(engine, "before_cursor_execute", count)

    assert len(seen) <= 5


@pytest.mark.parametrize("role", ["mediator", "pmc_director", "judicial_office", "prosecutor"])
def test_the_day_has_one_filled_button_at_most(web: Site, client: FlaskClient, role: str) -> None:
    for changes in ({}, {"danger": {"weapon": "yes"}}, {"facts": {"joint_room_requested": "yes"}}):
        registered(web, **changes)

    text = main_of(web, client, "/", role)

    assert text.count("btn-primary") == 1
    assert "Good morning" in text
    assert "Household noise, Demo Community 1" in text


def test_a_day_with_nothing_to_do_says_so(web: Site, client: FlaskClient) -> None:
    assert "Nothing waits for you." in main_of(web, client, "/")


@pytest.mark.parametrize("typed", [NUMBER, f" {NUMBER.lower()} "])
def test_a_number_leads_to_its_case(web: Site, client: FlaskClient, typed: str) -> None:
    case = registered(web, number=NUMBER)

    answer = client.get("/find", query_string={"number": typed}, headers=web.headers("mediator"))

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/mediations/{case}")


def test_the_number_of_somebody_elses_case_is_like_none(web: Site, client: FlaskClient) -> None:
    registered(web, number=NUMBER)

    for role, number in (("prosecutor", NUMBER), ("mediator", "RJ350599-2026-000002")):
        text = main_of(web, client, f"/find?number={number}", role)
        assert "It may be somebody else" in text


def test_a_receipt_is_not_looked_up_nor_repeated(web: Site, client: FlaskClient) -> None:
    text = main_of(web, client, "/find?number=1234+5678+9012+3456")

    assert "This looks like a receipt" in text
    assert "1234" not in text


def test_the_number_of_a_lead_is_passed_on_to_those_who_may_read_leads(web: Site) -> None:
    client = replace(web, finders=FINDERS).client()

    def location(role: str, number: str) -> str | None:
        answer = client.get(f"/find?number={number}", headers=web.headers(role))
        return answer.headers.get("Location")

    lead = "XS350599-2026-000001"
    assert location("pmc_director", lead) == f"/referral/find?number={lead}"
    assert location("mediator", lead) is None
    assert location("pmc_director", "JF350599-2026-000001") is None


def test_colleagues_see_who_looks_at_the_same_case(web: Site, client: FlaskClient) -> None:
    case = registered(web)
    copy_dossiers(web.workplace(Answering()))
    look = f"/mediations/{case}"
    for who in (PEOPLE["pmc_director"], PEOPLE["judicial_office"]):
        token = signer(web.keys, "directory", web.clock).sign(who, audience="mediation")
        assert client.get(look, headers={HEADER: token}).status_code == 200
    Auditing().run(web.workplace(Answering()))

    assert "Director A is looking, too" in main_of(web, client, look)
    assert "Judicial" not in main_of(web, client, look).partition("</div>")[0]
    web.clock.move(minutes=6)
    assert "is looking, too" not in main_of(web, client, look)
