"""The queue and the page of a case, in both languages."""

import os
from typing import Any
from uuid import UUID, uuid4

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.mediation.manifest import SERVICE
from tests.mediation.site import Site
from tests.registrations import dispute, handled

JOINT = {"facts": {"joint_room_requested": "yes"}}
CATALOGUE = SERVICE.folder / "translations/zh_Hans_CN/LC_MESSAGES/messages.po"


@pytest.fixture(scope="session", autouse=True)
def _catalogue() -> None:
    """Compile the translations, as the installation does."""
    with CATALOGUE.open("rb") as file:
        read = read_po(file, locale="zh_Hans_CN")
    draft = CATALOGUE.with_suffix(f".{os.getpid()}")
    with draft.open("wb") as file:
        write_mo(file, read)
    draft.replace(CATALOGUE.with_suffix(".mo"))


@pytest.fixture
def client(web: Site) -> FlaskClient:
    return web.client()


def registered(web: Site, **changes: Any) -> UUID:
    event = dispute(**{"case_id": uuid4(), **changes})
    web.hear(event)
    return event.case_id


def page(
    web: Site, client: FlaskClient, path: str, role: str = "mediator", language: str = "en"
) -> str:
    response = client.get(path, headers=web.headers(role) | {"Accept-Language": language})
    assert response.status_code == 200, response.text
    return response.text


def send(
    web: Site, client: FlaskClient, case: UUID, action: str, *, version: int = 1, **fields: str
) -> TestResponse:
    return client.post(
        f"/mediations/{case}/{action}",
        data={"version": str(version), "request_key": str(uuid4()), **fields},
        headers=web.headers("mediator"),
    )


def main_of(text: str) -> str:
    return text.partition("<main")[2].partition("</main>")[0]


def test_the_queue_has_a_tab_for_each_state_with_how_many_there_are(
    web: Site, client: FlaskClient
) -> None:
    for _ in range(2):
        registered(web)
    registered(web, danger={"weapon": "yes"})

    text = " ".join(page(web, client, "/mediations", "judicial_office").split())

    for state, count in (("Waiting for consent", 2), ("Safety hold", 1), ("Closed", 0)):
        assert f'{state} <span class="count">{count}</span></a>' in text
    assert text.count("Household noise, Demo Community 1") == 3


def test_the_queue_of_a_state_shows_those_that_wait_longest_first(
    web: Site, client: FlaskClient
) -> None:
    first = registered(web)
    web.clock.move(hours=1)
    second = registered(web)

    waiting = page(web, client, "/mediations?state=consent_pending", "judicial_office")

    assert waiting.index(str(first)) < waiting.index(str(second))
    newest = page(web, client, "/mediations", "judicial_office")
    assert newest.index(str(second)) < newest.index(str(first))


def test_the_queue_goes_on_on_the_next_page_with_the_same_filters(
    web: Site, client: FlaskClient
) -> None:
    cases = {str(registered(web)) for _ in range(3)}
    text = page(web, client, "/mediations?state=consent_pending&limit=2", "judicial_office")

    following = text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    rest = page(web, client, following.replace("&amp;", "&"), "judicial_office")

    assert "state=consent_pending" in following
    assert sum(case in rest for case in cases) == 1


def test_an_empty_queue_says_so(web: Site, client: FlaskClient) -> None:
    assert "There is no dispute here." in page(web, client, "/mediations?state=closed")


def test_a_case_tells_why_who_and_what_next(web: Site, client: FlaskClient) -> None:
    case = registered(web, **JOINT)

    text = page(web, client, f"/mediations/{case}")

    for shown in (
        "<h1>Household noise, Demo Community 1</h1>",
        "RJ350599-2026-000001",
        "Waiting for consent",
        "with the prosecutor in the room",
        "The parties ask for a prosecutor.",
        "21 rules were tried",
        "Mediation Committee of Demo Community 1",
        "Mediator A-1",
        "Prosecutor 1",
        "The parties are being copied from intake.",
        "Who may do it: Mediator; Committee director",
        "It was decided where the dispute goes",
    ):
        assert shown in text, shown


def test_a_case_is_told_in_chinese(web: Site, client: FlaskClient) -> None:
    case = registered(web, **JOINT)

    text = page(web, client, f"/mediations/{case}", language="zh-CN")

    for shown in (
        "<h1>生活噪声，示范区第一社区</h1>",
        "为什么是检察官+调解员联合调解室",
        "受理这件",
        "可以办理的人：人民调解员、调委会主任",
        "正在从登记服务取当事人资料。",
    ):
        assert shown in text, shown


def test_every_text_has_a_translation() -> None:
    with CATALOGUE.open("rb") as file:
        messages = read_po(file, locale="zh_Hans_CN")

    assert all(message.string and not message.fuzzy for message in messages if message.id)


def test_what_was_not_accepted_says_why_and_where_to_go(web: Site, client: FlaskClient) -> None:
    case = registered(web, handled_before=(handled("court", "pending"),))

    text = page(web, client, f"/mediations/{case}", "judicial_office")

    assert "Already before a court" in text
    assert "mediation needs the court" in text
    assert "<form" not in main_of(text)


def test_a_safety_hold_warns_first(web: Site, client: FlaskClient) -> None:
    case = registered(web, danger={"weapon": "yes"})

    text = page(web, client, f"/mediations/{case}", "pmc_director")

    assert "Call the police on 110 now" in text
    assert 'class="notice danger"' in text
    assert "Handed to the police" in text


def test_a_role_that_may_not_act_sees_who_may(web: Site, client: FlaskClient) -> None:
    case = registered(web)

    text = page(web, client, f"/mediations/{case}", "judicial_office")

    assert "Your role does not allow this." in text
    assert "<form" not in main_of(text)


def test_a_case_is_led_to_its_end_with_forms(web: Site, client: FlaskClient) -> None:
    case = registered(web)

    accepted = send(web, client, case, "accept", parties_consented="yes")
    held = send(
        web,
        client,
        case,
        "record-session",
        version=2,
        held_on="2026-03-02",
        parties_present="2",
        joint="yes",
        notes="各退一步",
    )
    ended = send(web, client, case, "conclude", version=3, outcome="settled_oral")

    assert [each.status_code for each in (accepted, held, ended)] == [303, 303, 303]
    text = page(web, client, f"/mediations/{case}")
    for shown in ("Settled by word of mouth", "各退一步", "Session 1 on 2026-03-02"):
        assert shown in text


@pytest.mark.parametrize(
    "action, fields, shown",
    [
        ("accept", {"parties_consented": "no"}, "Confirm that all parties have agreed"),
        ("accept", {}, "Confirm that all parties have agreed"),
        ("conclude", {}, "Please fill this in."),
        ("conclude", {"outcome": "gone"}, "Choose one of"),
    ],
)
def test_a_refused_form_is_shown_again_with_what_is_wrong(
    web: Site, client: FlaskClient, action: str, fields: dict[str, Any], shown: str
) -> None:
    case = registered(web)

    response = send(web, client, case, action, **fields)

    assert response.status_code == 422
    assert "Please put these right" in response.text
    assert shown in response.text
    assert len(web.announced(case)) == 2


def test_a_refused_form_keeps_what_was_written(web: Site, client: FlaskClient) -> None:
    case = registered(web)
    send(web, client, case, "accept", parties_consented="yes")

    response = send(
        web,
        client,
        case,
        "record-session",
        version=2,
        held_on="2030-01-01",
        parties_present="3",
        joint="no",
        notes="写了很久",
    )

    assert response.status_code == 422
    assert "写了很久" in response.text
    assert 'value="2030-01-01"' in response.text
    assert "A session that is still to come cannot be recorded." in response.text


def test_a_form_of_an_older_version_changes_nothing(web: Site, client: FlaskClient) -> None:
    case = registered(web)
    send(web, client, case, "accept", parties_consented="yes")

    response = send(web, client, case, "conclude", version=1, outcome="refused")

    assert response.status_code == 412
    assert "Someone else has changed this case" in response.text
