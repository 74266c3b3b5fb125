"""Seeing more of a case for a while: with a reason, or in an emergency; and recusal."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from services.mediation.models import OPENINGS
from services.mediation.workers import copy_dossiers
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from shared.errors import Unavailable
from shared.events.mediation import MediatorAssigned
from tests.mediation.site import PEOPLE, Site, actor
from tests.registrations import dispute

NAME, PHONE, CHILD, BUILDING = "王小兰", "13800000001", "李小明", "5栋302"
WHY = {"reason_code": "party_asked", "reason": "当事人来电询问"}
OTHER_DIRECTOR = actor("m-0010", "pmc_director", "o-024", "350599001")
OFFICE = actor("m-0033", "judicial_office", "o-031", "350599001")


class Answering:
    """Intake, when it answers."""

    def get(self, service: str, path: str) -> object:
        return {
            "narrative": "楼上漏水。",
            "parties": [
                {"side": "applicant", "kind": "person", "name": NAME, "phone": PHONE},
                {"side": "respondent", "kind": "person", "name": CHILD, "vulnerable": ["minor"]},
            ],
            "place": {"building": BUILDING},
        }

    def post(self, service: str, path: str, body: object) -> object:
        raise Unavailable("A part of the system is away. Please try again.")


@pytest.fixture
def client(web: Site) -> FlaskClient:
    return web.client()


def registered(web: Site, **changes: Any) -> UUID:
    event = dispute(**{"case_id": uuid4(), **changes})
    web.hear(event)
    copy_dossiers(web.workplace(Answering()))
    return event.case_id


def headers(web: Site, who: Actor) -> dict[str, str]:
    token = signer(web.keys, "directory", web.clock).sign(who, audience="mediation")
    return {HEADER: token, "Accept-Language": "en"}


def fresh(web: Site, who: Actor, minutes: float = 0) -> Actor:
    """Who has proved so long ago, with a second factor, who they are."""
    proved = web.clock() - timedelta(minutes=minutes)
    return Actor(**{**vars(who), "authenticated_at": proved, "second_factor": True})


def look(web: Site, client: FlaskClient, case: UUID, who: Actor) -> TestResponse:
    return client.get(f"/api/v1/mediations/{case}", headers=headers(web, who))


def post(
    web: Site, client: FlaskClient, path: str, who: Actor, body: object = None
) -> TestResponse:
    return client.post(f"/api/v1/{path}", json=body or WHY, headers=headers(web, who))


def test_a_director_gives_a_reason_and_sees_all_for_half_an_hour(
    web: Site, client: FlaskClient
) -> None:
    case, director = registered(web), PEOPLE["pmc_director"]
    before = look(web, client, case, director)
    assert before.get_json()["to_open"] == "open"
    assert "王*兰" in before.text
    assert NAME not in before.text

    assert post(web, client, f"mediations/{case}/open", director).status_code == 201

    for minutes, seen in ((0, True), (29, True), (1, False)):
        web.clock.move(minutes=minutes)
        answer = look(web, client, case, director)
        assert [text in answer.text for text in (NAME, PHONE, CHILD)] == [seen] * 3
    other = registered(web)
    assert NAME not in look(web, client, other, director).text


def test_even_who_mediates_says_why_before_they_see_a_telephone_number(
    web: Site, client: FlaskClient
) -> None:
    case, mediator = registered(web), PEOPLE["mediator"]

    before = look(web, client, case, mediator).text
    post(web, client, f"mediations/{case}/open", mediator)
    after = look(web, client, case, mediator).text

    assert NAME in before
    assert (PHONE in before, PHONE in after) == (False, True)


def test_a_child_is_named_to_nobody_to_whom_the_case_was_not_given(
    web: Site, client: FlaskClient
) -> None:
    case = registered(web, facts={"joint_room_requested": "yes"})

    for role in ("pmc_director", "judicial_office", "liaison", "prosecutor"):
        text = look(web, client, case, PEOPLE[role]).text
        assert CHILD not in text
        assert "未成年人A" in text
    assert CHILD in look(web, client, case, PEOPLE["mediator"]).text


@pytest.mark.parametrize("minutes", [None, 6])
def test_the_glass_is_broken_only_by_who_has_just_shown_a_second_factor(
    web: Site, client: FlaskClient, minutes: float | None
) -> None:
    case = registered(web)
    who = OFFICE if minutes is None else fresh(web, OFFICE, minutes)

    by_api = post(web, client, f"mediations/{case}/break-glass", who)
    page = client.post(
        f"/mediations/{case}/break-glass",
        data={**WHY, "request_key": str(uuid4())},
        headers=headers(web, who),
    )

    assert by_api.status_code == page.status_code == 403
    assert by_api.get_json()["type"] == "urn:hemu:problem:step-up-required"
    assert f"/directory/step-up?next=%2Fmediations%2F{case}%2Fbreak-glass" in page.text
    assert NAME not in look(web, client, case, who).text


def test_a_broken_glass_shows_names_and_is_looked_at_by_somebody_else(
    web: Site, client: FlaskClient
) -> None:
    case, who = registered(web), fresh(web, OTHER_DIRECTOR)
    assert look(web, client, case, who).status_code == 404

    broken = post(web, client, f"mediations/{case}/break-glass", who)

    seen = look(web, client, case, who)
    assert [text in seen.text for text in (NAME, PHONE, BUILDING)] == [True, False, False]
    listed = client.get("/api/v1/mediations", headers=headers(web, who)).get_json()["items"]
    assert [row["case_id"] for row in listed] == [str(case)]
    director, opening = PEOPLE["pmc_director"], broken.get_json()["opening_id"]
    waiting = client.get("/api/v1/openings", headers=headers(web, director)).get_json()["items"]
    assert [(one["opening_id"], one["member_id"], one["reason"]) for one in waiting] == [
        (opening, "m-0010", "当事人来电询问")
    ]
    assert waiting[0]["review_by"].startswith("2026-03-05")
    page = client.get("/openings", headers=headers(web, director)).text
    assert "Director D" in page
    place = f"mediations/{case}/openings/{opening}/review"
    judged = post(web, client, place, director, {"result": "justified"})
    again = post(web, client, place, director, {"result": "justified"})
    assert (judged.status_code, again.status_code) == (204, 422)
    assert client.get("/api/v1/openings", headers=headers(web, director)).get_json()["items"] == []
    web.clock.move(minutes=31)
    assert look(web, client, case, fresh(web, OTHER_DIRECTOR)).status_code == 404


def test_a_list_counts_what_waits_without_opening_why(web: Site, client: FlaskClient) -> None:
    case, other = registered(web), registered(web)
    for each in (case, other):
        post(web, client, f"mediations/{each}/break-glass", fresh(web, OTHER_DIRECTOR))
    with web.database.transaction() as tx:
        tx.execute(update(OPENINGS).values(reason=b"sealed with a key that is gone"))

    def listed(who: Actor) -> str:
        return client.get("/mediations", headers=headers(web, who)).text

    assert "Openings to look at: 2" in listed(PEOPLE["pmc_director"])
    assert str(case) in listed(OTHER_DIRECTOR)
    assert "Openings to look at" not in listed(OTHER_DIRECTOR)


def test_nobody_looks_at_what_they_opened_themselves(web: Site, client: FlaskClient) -> None:
    case, who = registered(web), fresh(web, OFFICE)
    opening = post(web, client, f"mediations/{case}/break-glass", who).get_json()["opening_id"]

    place = f"mediations/{case}/openings/{opening}/review"
    answer = post(web, client, place, who, {"result": "justified"})

    assert answer.status_code == 403
    assert client.get("/api/v1/openings", headers=headers(web, who)).get_json()["items"] == []


def test_an_opening_is_reached_by_its_own_case_only(web: Site, client: FlaskClient) -> None:
    case, other = registered(web), registered(web)
    broken = post(web, client, f"mediations/{case}/break-glass", fresh(web, OFFICE))

    place = f"mediations/{other}/openings/{broken.get_json()['opening_id']}/review"
    answer = post(web, client, place, PEOPLE["pmc_director"], {"result": "justified"})

    assert answer.status_code == 404


def test_where_somebody_lives_who_is_kept_safe_is_told_only_with_a_reason(
    web: Site, client: FlaskClient
) -> None:
    case, director = registered(web, danger={"weapon": "yes"}), PEOPLE["pmc_director"]
    post(web, client, f"mediations/{case}/break-glass", fresh(web, OFFICE))
    assert NAME in look(web, client, case, OFFICE).text
    assert BUILDING not in look(web, client, case, OFFICE).text

    post(web, client, f"mediations/{case}/open", director)

    assert BUILDING in look(web, client, case, director).text


@pytest.mark.parametrize(
    "change, field", [({"reason_code": "curious"}, "reason_code"), ({"reason": "x"}, "reason")]
)
def test_a_reason_is_a_code_and_words(
    web: Site, client: FlaskClient, change: dict[str, str], field: str
) -> None:
    case, director = registered(web), PEOPLE["pmc_director"]

    answer = post(web, client, f"mediations/{case}/open", director, WHY | change)
    page = client.post(
        f"/mediations/{case}/open",
        data={**WHY, **change, "request_key": str(uuid4())},
        headers=headers(web, director),
    )

    assert (answer.status_code, page.status_code) == (422, 422)
    assert list(answer.get_json()["errors"]) == [field]
    assert NAME not in page.text


def test_pages_lead_to_the_reason_and_to_the_emergency(web: Site, client: FlaskClient) -> None:
    case = registered(web)

    director = client.get(f"/mediations/{case}", headers=headers(web, PEOPLE["pmc_director"]))
    office = client.get(f"/mediations/{case}", headers=headers(web, OFFICE))
    glass = client.get(f"/mediations/{case}/break-glass", headers=headers(web, OFFICE))

    assert "See all of it for half an hour" in director.text
    assert f"/mediations/{case}/break-glass" in office.text
    assert "This case is not yours." in glass.text
    assert "王" not in glass.text


def test_who_is_recused_knows_nothing_of_the_case_and_another_has_it(
    web: Site, client: FlaskClient
) -> None:
    case, director = registered(web), PEOPLE["pmc_director"]
    before = look(web, client, case, PEOPLE["mediator"]).get_json()
    sent = headers(web, director) | {"If-Match": f'"{before["version"]}"'}
    place, body = f"/api/v1/mediations/{case}/recuse", {"member_id": "m-0002"}

    refused = client.post(place, json=body, headers=sent)
    done = client.post(place, json=body | {"successor": "m-0003"}, headers=sent)

    assert list(refused.get_json()["errors"]) == ["successor"]
    assert done.get_json()["mediator"]["id"] == "m-0003"
    assert look(web, client, case, PEOPLE["mediator"]).status_code == 404
    assert web.announced(case)[-1] == MediatorAssigned(
        case_id=case, member_id="m-0003", organisation_id="o-021"
    )
    assert look(web, client, case, actor("m-0003", "mediator", "o-021")).status_code == 200


@pytest.mark.parametrize("successor", ["m-0002", "m-0005", "m-0001", "nobody"])
def test_a_successor_is_another_mediator_of_the_committee(
    web: Site, client: FlaskClient, successor: str
) -> None:
    case = registered(web)
    sent = headers(web, PEOPLE["pmc_director"]) | {"If-Match": '"1"'}
    body = {"member_id": "m-0002", "successor": successor}

    answer = client.post(f"/api/v1/mediations/{case}/recuse", json=body, headers=sent)

    assert list(answer.get_json()["errors"]) == ["successor"]


def test_a_director_does_not_decide_about_themselves(web: Site, client: FlaskClient) -> None:
    case = registered(web)
    sent = headers(web, PEOPLE["pmc_director"]) | {"If-Match": '"1"'}

    answer = client.post(
        f"/api/v1/mediations/{case}/recuse", json={"member_id": "m-0001"}, headers=sent
    )

    assert list(answer.get_json()["errors"]) == ["member_id"]
