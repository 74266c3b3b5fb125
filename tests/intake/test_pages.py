"""The HTML pages: filing without script, kept values, receipts, queues."""

import re
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from services.intake.models.tables import disputes, leads
from shared.auth.actor import Actor
from shared.events.intake import DisputeRegistered, LeadRegistered
from tests.intake.bodies import DISPUTE, LEAD, NAME, NARRATIVE, PUBLIC_DISPUTE
from tests.intake.site import Site, person

RESIDENT = person("resident")
OFFICE = person("judicial_office", "m-0033")
OFFICER = person("referral_officer", "m-0070")

DISPUTE_FORM = {
    "category": "neighbour.water_leak",
    "narrative": NARRATIVE,
    "place.area": "350599001001",
    "place.building": "5栋",
    "since": "",
    "amount": "1200.00",
    "claims.0": "修好并赔偿",
    "claims.1": "",
    "parties.0.side": "applicant",
    "parties.0.kind": "person",
    "parties.0.name": NAME,
    "parties.0.vulnerable[]": ["elder", "disabled"],
    "parties.0.consent": "agreed",
    "parties.1.side": "respondent",
    "parties.1.kind": "person",
    "parties.1.name": "",
    "parties.1.consent": "unknown",
    "danger.weapon": "no",
    "danger.threat": "unknown",
    "danger.police_calls_12m": "2",
    "facts.households_affected": "",
    "handled_before.0.by": "",
    "handled_before.0.status": "",
    "public_interest.affects_others": "unknown",
    "public_interest.field": "",
    "secrecy.hide_identity": "yes",
    "secrecy.fears_retaliation": "yes",
}
LEAD_FORM = {
    "narrative": LEAD["narrative"],
    "place.area": "350599001001",
    "public_interest.affects_others": "yes",
    "public_interest.field": "food_drug",
    "suspect.kind": "",
    "informant.name": "",
}

Form = dict[str, Any]


class Page(HTMLParser):
    """What of a page a person without eyes has: names of fields, labels, headings, links.
    ``within`` are the ids of what stands in a label.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.within: set[str | None] = set()
        self._in_label = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_label = self._in_label or tag == "label"
        if self._in_label:
            self.within.add(dict(attrs).get("id"))

    def handle_endtag(self, tag: str) -> None:
        self._in_label = self._in_label and tag != "label"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [found["id"] or "" for _, found in self.tags if "id" in found]


def _send(site: Site, path: str, form: Form, actor: Actor | None = None) -> TestResponse:
    keyed = {"request_key": str(uuid4()), **form}
    return site.client().post(path, data=keyed, headers=site.headers(actor))


def test_a_dispute_is_filed_with_a_form_and_answered_with_its_receipt(site: Site) -> None:
    response = _send(site, "/disputes/new", DISPUTE_FORM)

    assert response.status_code == 201
    assert "Location" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert "JF350599-2026-000001" in response.text
    assert re.search(r"[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4}", response.text)
    [event] = site.announced()
    assert isinstance(event, DisputeRegistered)
    assert event.amount_fen == 120_000
    assert event.parties[0].vulnerable == ("elder", "disabled")
    assert event.danger.police_calls_12m == 2
    assert event.danger.threat == "unknown"


def test_a_lead_is_reported_with_a_form(site: Site) -> None:
    response = _send(site, "/leads/new", LEAD_FORM)

    assert response.status_code == 201
    [event] = site.announced()
    assert isinstance(event, LeadRegistered)
    assert event.public_interest.field == "food_drug"
    [row] = site.rows(leads)
    assert row.informant_ref is None


def test_a_reload_shows_the_same_receipt_and_files_nothing_more(site: Site) -> None:
    form = {**DISPUTE_FORM, "request_key": str(uuid4())}
    first = _send(site, "/disputes/new", form)

    again = _send(site, "/disputes/new", form)

    assert again.status_code == 201
    assert again.text == first.text
    assert len(site.rows(disputes)) == 1


def test_a_form_that_was_sent_and_then_changed_is_asked_about(web: Site) -> None:
    form = {**DISPUTE_FORM, "request_key": str(uuid4())}
    _send(web, "/disputes/new", form)

    changed = _send(web, "/disputes/new", {**form, "amount": "1300.00"})

    assert changed.status_code == 422
    assert "has been registered once already" in changed.text
    [key] = re.findall(r'name="request_key" value="([^"]+)"', changed.text)
    meant = _send(web, "/disputes/new", {**form, "amount": "1300.00", "request_key": key})
    assert meant.status_code == 201
    assert len(web.rows(disputes)) == 2


@pytest.mark.parametrize("name", ["category", "narrative", "place.area"])
def test_a_form_with_a_gap_is_shown_again_with_what_was_typed(quiet_site: Site, name: str) -> None:
    response = _send(quiet_site, "/disputes/new", {**DISPUTE_FORM, name: " "})

    assert response.status_code == 422
    page = Page(response.text)
    anchor = "field-" + name.replace(".", "-")
    assert {"href": f"#{anchor}"} in page.all("a")
    assert anchor in page.ids
    for kept in ({"narrative": NARRATIVE} if name != "narrative" else {}, {"name": NAME}):
        assert all(value in response.text for value in kept.values())
    boxes = [box["value"] for box in page.all("input") if "checked" in box]
    assert {"elder", "disabled"} <= set(boxes)


@pytest.mark.parametrize(
    "name, value, anchor",
    [
        ("amount", "many", "field-amount"),
        ("since", "2099-01-01", "field-since"),
        ("danger.police_calls_12m", "-1", "field-danger-police_calls_12m"),
        ("parties.0.birth_year", "1066", "field-parties-0-birth_year"),
        ("parties.1.kind", "", "field-parties-1-kind"),
        ("handled_before.0.by", "police", "field-handled_before-0-status"),
    ],
)
def test_what_is_wrong_is_listed_on_top_and_linked(
    quiet_site: Site, name: str, value: str, anchor: str
) -> None:
    response = _send(quiet_site, "/disputes/new", {**DISPUTE_FORM, name: value})

    assert response.status_code == 422
    page = Page(response.text)
    assert {"href": f"#{anchor}"} in page.all("a")
    assert anchor in page.ids
    assert quiet_site.announced() == []


def test_there_is_room_for_more_parties_without_script(quiet_site: Site) -> None:
    response = _send(quiet_site, "/disputes/new", {**DISPUTE_FORM, "more": "respondent"})

    assert response.status_code == 200
    page = Page(response.text)
    sides = [
        (found["name"], found["value"])
        for found in page.all("input")
        if str(found["name"]).endswith(".side")
    ]
    assert sides == [
        ("parties.0.side", "applicant"),
        ("parties.1.side", "respondent"),
        ("parties.2.side", "respondent"),
    ]
    assert NAME in response.text
    assert quiet_site.announced() == []


def test_what_concerns_the_public_gets_a_receipt_of_its_own(web: Site) -> None:
    form = {
        **DISPUTE_FORM,
        "public_interest.affects_others": "yes",
        "public_interest.summary": PUBLIC_DISPUTE["public_interest"]["summary"],
    }

    response = _send(web, "/disputes/new", form)

    assert len(re.findall(r"[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4}", response.text)) == 2


@pytest.mark.parametrize("path", ["/disputes/new", "/leads/new"])
def test_a_form_warns_first_and_says_who_will_see_it(quiet_site: Site, path: str) -> None:
    text = quiet_site.get(path).text

    for number in ("110", "119", "120"):
        assert text.index(f"tel:{number}") < text.index("<form")
    assert text.index("Who will see this?") < text.index("<form")


@pytest.mark.parametrize("path", ["/", "/disputes/new", "/leads/new", "/receipts"])
@pytest.mark.parametrize("actor", [None, OFFICE])
def test_every_field_has_a_label_and_every_id_is_there_once(
    quiet_site: Site, path: str, actor: Actor | None
) -> None:
    response = quiet_site.get(path, actor)

    assert response.status_code == 200
    page = Page(response.text)
    labelled = {label.get("for") for label in page.all("label")} | page.within
    for tag in ("input", "select", "textarea"):
        for found in page.all(tag):
            hidden = found.get("type") == "hidden"
            assert hidden or "aria-label" in found or found["id"] in labelled
    assert len(page.ids) == len(set(page.ids))
    assert len(page.all("h1")) == 1
    assert all("src" in script for script in page.all("script"))


def test_facts_are_not_known_until_somebody_says_so(quiet_site: Site) -> None:
    page = Page(quiet_site.get("/disputes/new").text)

    chosen = {
        found["name"]: found["value"]
        for found in page.all("input")
        if found.get("type") == "radio" and "checked" in found
    }
    assert chosen["danger.weapon"] == chosen["public_interest.affects_others"] == "unknown"


def test_before_the_directory_has_arrived_the_form_says_so(new_site: Site) -> None:
    assert new_site.get("/disputes/new").status_code == 503


def test_a_receipt_is_looked_up_with_a_form_and_not_shown_again(site: Site) -> None:
    receipt = site.filed("disputes", DISPUTE)["receipt"]

    response = site.client().post(
        "/receipts", data={"receipt": receipt.replace(" ", "")}, headers=site.headers()
    )

    assert response.status_code == 200
    assert "Received and registered." in response.text
    assert receipt not in response.text
    assert receipt.replace(" ", "") not in response.text


@pytest.mark.parametrize("typed, status", [("0000 0000 0000 0000", 404), ("12", 422), ("", 422)])
def test_a_receipt_that_is_none_is_asked_for_again(
    quiet_site: Site, typed: str, status: int
) -> None:
    response = quiet_site.client().post(
        "/receipts", data={"receipt": typed}, headers=quiet_site.headers()
    )

    assert response.status_code == status
    assert {"href": "#field-receipt"} in Page(response.text).all("a")


def test_the_queue_of_disputes_masks_names_and_leads_to_the_case(web: Site) -> None:
    told = web.filed("disputes", DISPUTE, RESIDENT)

    queue = web.get("/disputes?category=neighbour&area=&state=&q=", OFFICE)

    assert told["registration_no"] in queue.text
    assert "王*兰" in queue.text
    assert NAME not in queue.text
    path = f"/disputes/{told['case_id']}"
    assert path in [link["href"] for link in Page(queue.text).all("a")]
    case = web.get(path, OFFICE)
    assert case.status_code == 200
    assert NAME not in case.text
    assert NARRATIVE not in case.text
    assert NARRATIVE in web.get(path, RESIDENT).text


def test_the_queue_of_leads_shows_no_text(web: Site) -> None:
    told = web.filed("leads", LEAD, RESIDENT)

    queue = web.get("/leads", OFFICER)
    case = web.get(f"/leads/{told['lead_id']}", OFFICER)

    assert told["registration_no"] in queue.text
    assert case.status_code == 200
    assert LEAD["narrative"] not in queue.text + case.text
    assert LEAD["narrative"] in web.get(f"/leads/{told['lead_id']}", RESIDENT).text


def test_a_long_queue_goes_on_on_the_next_page(web: Site) -> None:
    for _ in range(3):
        web.filed("disputes", DISPUTE)
        web.clock.move(seconds=1)

    first = web.get("/disputes?limit=2", OFFICE)
    [following] = [link for link in Page(first.text).all("a") if link.get("rel") == "next"]
    second = web.get(str(following["href"]), OFFICE)

    assert "JF350599-2026-000003" in first.text
    assert "JF350599-2026-000001" in second.text
    assert "JF350599-2026-000002" not in second.text


@pytest.mark.parametrize(
    "actor, queues",
    [
        (None, []),
        (RESIDENT, ["/disputes", "/leads"]),
        (OFFICE, ["/disputes"]),
        (OFFICER, ["/leads"]),
    ],
)
def test_the_front_page_leads_to_the_queues_one_may_read(
    quiet_site: Site, actor: Actor | None, queues: list[str]
) -> None:
    links = [link["href"] for link in Page(quiet_site.get("/", actor).text).all("a")]

    assert [path for path in ("/disputes", "/leads") if path in links] == queues


@pytest.mark.parametrize("path", ["/disputes", "/leads"])
def test_an_empty_queue_says_so(quiet_site: Site, path: str) -> None:
    actor = OFFICE if path == "/disputes" else OFFICER

    assert "that fits" in quiet_site.get(path, actor).text
    assert quiet_site.get(path).status_code == 401


@pytest.mark.parametrize("typed", ["JF350599-2026-000001", " jf350599-2026-000001 "])
def test_a_whole_number_leads_to_its_dispute(web: Site, typed: str) -> None:
    told = web.filed("disputes", DISPUTE, RESIDENT)

    answer = web.client().get(
        "/find", query_string={"number": typed}, headers=web.headers(RESIDENT)
    )

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/disputes/{told['case_id']}")


@pytest.mark.parametrize(
    "number, actor",
    [
        ("JF350599-2026-000001", person("resident", "m-9002")),
        ("JF350599-2025-000001", RESIDENT),
        ("000001", RESIDENT),
        ("", RESIDENT),
    ],
)
def test_a_number_that_is_nobodys_or_somebody_elses_finds_nothing(
    web: Site, number: str, actor: Actor
) -> None:
    web.filed("disputes", DISPUTE, RESIDENT)

    answer = web.get(f"/find?number={number}", actor)

    assert answer.status_code == 200
    assert "It may be somebody else" in answer.text
