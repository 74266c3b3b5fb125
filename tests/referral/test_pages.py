"""The pages: what a person reads, in both languages, and what each form does."""

import re
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from services.referral.lifecycle import LeadState
from services.referral.workers import copy_texts
from tests.referral.site import (
    CANARY,
    ENVIRONMENT,
    MARKET,
    SUSPECT,
    TEXTS,
    Intake,
    Site,
    for_market,
    for_officer,
    for_prosecutor,
    for_upper,
)
from tests.registrations import lead

LEAD = UUID("00000000-0000-4000-8000-000000000010")


class Outline(HTMLParser):
    """The parts of a page that assistive technology goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.described: list[str] = []
        self.labelled: list[str] = []
        self.inputs: list[str] = []
        self.headings: list[str] = []
        self.forms: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.described += given.get("aria-describedby", "").split()
        self.described += given.get("aria-labelledby", "").split()
        self.headings += [tag] if tag in {"h1", "h2", "h3"} else []
        if tag == "label":
            self.labelled.append(given.get("for", ""))
            self.inside = "for" not in given
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self.inputs.append(given["id"])
            self.labelled += [given["id"]] if self.inside else []
        if tag == "form":
            self.forms.append(given["action"])

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "label"


def outline(text: str) -> Outline:
    found = Outline()
    found.feed(text)
    return found


def words(text: str) -> str:
    """The text of a page in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def page(site: Site, path: str, who: str = "officer", language: str = "en") -> str:
    response = site.client().get(path, headers=site.headers(who, language=language))
    assert response.status_code == 200, response.text
    return response.text


def send(
    site: Site, path: str, form: dict[str, Any], *, who: str = "officer", version: int = 1
) -> TestResponse:
    data = {**form, "version": str(version), "request_key": str(uuid4())}
    return site.client().post(path, data=data, headers=site.headers(who))


def with_text(site: Site) -> None:
    copy_texts(site.workplace(Intake({LEAD: TEXTS})))


def order_path(site: Site) -> str:
    return f"/orders/{site.orders(LEAD)[-1].order_id}"


def test_the_queue_has_a_tab_with_a_count_for_each_state(site: Site) -> None:
    site.hear(for_market(LEAD), for_officer(uuid4()), for_officer(uuid4()), for_prosecutor(uuid4()))

    text = page(site, "/leads")

    assert "Screening 2" in words(text)
    assert "Sent to the agency 1" in words(text)
    assert "Food and drug safety, Demo Community 1" in text
    assert "Demo Market Supervision Bureau" in text
    assert "Demo Procuratorate Prosecutor 1" in words(text)


def test_the_queue_keeps_its_filters_in_the_address(site: Site) -> None:
    site.hear(for_market(LEAD), for_officer(uuid4()))

    text = page(site, "/leads?state=screening&field=food_drug")

    assert "There is no lead here." in text
    assert 'href="/leads?state=redirected_to_agency&amp;field=food_drug"' in text


def test_a_long_queue_goes_on_on_the_next_page(site: Site) -> None:
    for number in range(3):
        site.hear(lead(lead_id=uuid4(), number=f"GY350599-2026-10000{number}"))
        site.clock.move(minutes=1)

    first = page(site, "/leads?limit=2")

    assert 'rel="next"' in first
    assert "GY350599-2026-100002" in first
    assert "GY350599-2026-100000" not in first


def test_those_that_wait_longest_come_first(site: Site) -> None:
    for number in range(2):
        site.hear(lead(lead_id=uuid4(), number=f"GY350599-2026-10000{number}"))
        site.clock.move(minutes=1)

    text = page(site, "/leads?state=redirected_to_agency")

    assert text.index("GY350599-2026-100000") < text.index("GY350599-2026-100001")


def test_the_review_page_explains_the_route_and_what_is_withheld(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    with_text(site)

    text = page(site, f"/leads/{LEAD}", "prosecutor")

    assert "Why it went here: Procuratorate" in text
    assert "The harm is serious or repeated" in text
    assert "5 rules were tried" in text
    assert "version 2026-01" in text
    assert CANARY in text
    assert SUSPECT in text
    assert "Who reported it is sealed" in text
    assert "It is kept apart by intake and never comes here." in text


@pytest.mark.parametrize(
    "make,reason",
    [
        (for_officer, "Nothing says which agency must answer for it"),
        (for_market, ""),
        (for_upper, "goes to the upper procuratorate"),
    ],
)
def test_the_page_says_why_nobody_was_chosen(site: Site, make: Any, reason: str) -> None:
    site.hear(make(LEAD))

    assert reason in page(site, f"/leads/{LEAD}")


def test_a_text_that_is_not_there_yet_is_said_to_come(site: Site) -> None:
    site.hear(for_market(LEAD))

    assert "It is being copied from intake." in page(site, f"/leads/{LEAD}")


def test_an_onlooker_is_told_what_is_withheld(site: Site) -> None:
    site.hear(for_market(LEAD))
    with_text(site)

    text = page(site, f"/leads/{LEAD}", "liaison")

    assert "Your role sees what became of it, not what was written." in text
    assert CANARY not in text
    assert "Your role does not allow this." in text
    assert "Who may do it: Referral officer" in text
    assert set(outline(text).forms) == {"/directory/sign-out"}


def test_each_decision_says_what_happens(site: Site) -> None:
    site.hear(for_officer(LEAD))

    text = page(site, f"/leads/{LEAD}")

    assert "Your decision" in text
    assert "It can take the order on, or object with a reason." in text
    assert "only the procuratorate does that" in text
    assert {form for form in outline(text).forms if form.startswith("/leads/")} == {
        f"/leads/{LEAD}/{action}" for action in ("order", "transfer", "close")
    }


def test_agencies_with_the_duty_come_first(site: Site) -> None:
    site.hear(lead(lead_id=LEAD, questions=("serious",)))

    text = page(site, f"/leads/{LEAD}")

    assert text.index("Demo Market Supervision Bureau") < text.index("Demo Environment Bureau")
    assert "Demo Street 2" not in text


def test_an_agencys_page_never_shows_the_narrative(site: Site) -> None:
    site.hear(for_market(LEAD))
    with_text(site)

    for text in (page(site, "/orders", "handler"), page(site, order_path(site), "handler")):
        for secret in (CANARY, SUSPECT, "7栋", str(LEAD)):
            assert secret not in text
        assert "Food and drug safety, Demo Community 1" in text


def test_an_agency_works_through_its_order_by_forms(site: Site) -> None:
    site.hear(for_market(LEAD))
    at = order_path(site)

    taken = send(site, f"{at}/acknowledge", {}, who="handler")
    assert (taken.status_code, taken.location) == (303, at)
    answered = send(
        site, f"{at}/reply", {"result": "fixed", "text": "已停业整改"}, who="handler", version=2
    )
    assert answered.status_code == 303
    text = page(site, f"/leads/{LEAD}")
    assert "已停业整改" in text
    assert "Close the order: put right" in text
    assert "Close the order: not put right" in text
    judged = send(site, f"{at}/close", {"outcome": "fixed"}, version=3)
    assert judged.location == f"/leads/{LEAD}"
    version = site.lead(LEAD).version
    ended = send(site, f"/leads/{LEAD}/close", {}, version=version)

    assert ended.status_code == 303
    assert site.lead(LEAD).state == LeadState.CLOSED
    assert "What came of it: Put right." in page(site, f"/leads/{LEAD}")


def test_a_lead_is_decided_by_forms(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    [review] = site.reviews(LEAD)

    received = send(site, f"/reviews/{review.review_id}/acknowledge", {}, who="prosecutor")
    assert received.location == f"/leads/{LEAD}"
    text = page(site, f"/leads/{LEAD}", "prosecutor")
    assert "Return it for more facts" in text
    decided = send(
        site,
        f"/reviews/{review.review_id}/close",
        {"outcome": "not_filed", "document_no": ""},
        who="prosecutor",
        version=2,
    )

    assert decided.status_code == 303
    assert site.lead(LEAD).outcome == "not_filed"


def test_the_intake_officer_is_offered_only_to_return(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    [review] = site.reviews(LEAD)
    send(site, f"/reviews/{review.review_id}/acknowledge", {}, who="proc_intake")

    text = page(site, f"/leads/{LEAD}", "proc_intake")

    assert 'value="returned"' in text
    assert 'value="filed"' not in text


def test_a_refused_form_is_shown_again_as_it_was(site: Site) -> None:
    site.hear(for_market(LEAD))
    send(site, f"{order_path(site)}/object", {"reason": "not_our_duty"}, who="handler")

    response = send(
        site, f"/leads/{LEAD}/order", {"agency_id": MARKET, "text": "请再看看"}, version=2
    )

    assert response.status_code == 422
    assert "This agency has objected. Say why it is to be this one all the same." in response.text
    assert "请再看看" in response.text
    assert f'value="{MARKET}" selected' in response.text
    assert site.lead(LEAD).state == "screening"


@pytest.mark.parametrize(
    "path,form,who",
    [
        ("order", {"agency_id": ""}, "officer"),
        ("close", {"outcome": ""}, "officer"),
        ("order", {"agency_id": ENVIRONMENT, "text": "x" * 4001}, "officer"),
    ],
)
def test_a_form_with_a_gap_is_shown_again(
    site: Site, path: str, form: dict[str, str], who: str
) -> None:
    site.hear(for_officer(LEAD))

    response = send(site, f"/leads/{LEAD}/{path}", form, who=who)

    assert response.status_code == 422
    assert "Please put these right" in response.text
    assert site.lead(LEAD).state == "screening"


def test_an_objection_without_a_reason_is_shown_again(site: Site) -> None:
    site.hear(for_market(LEAD))

    response = send(site, f"{order_path(site)}/object", {}, who="handler")

    assert response.status_code == 422
    assert "Please put these right" in response.text


def test_a_form_sent_twice_is_done_once(site: Site) -> None:
    site.hear(for_officer(LEAD))
    data = {"agency_id": MARKET, "version": "1", "request_key": "form-00001"}

    for _ in range(2):
        response = site.client().post(
            f"/leads/{LEAD}/order", data=data, headers=site.headers("officer")
        )
        assert response.status_code == 303

    assert len(site.orders(LEAD)) == 1


def test_a_form_of_an_old_version_is_refused(site: Site) -> None:
    site.hear(for_officer(LEAD))
    send(site, f"/leads/{LEAD}/order", {"agency_id": MARKET})

    response = send(site, f"/leads/{LEAD}/transfer", {})

    assert response.status_code == 412
    assert "Someone else has changed this case" in response.text


def test_an_agency_has_no_queue_of_leads(site: Site) -> None:
    assert site.client().get("/leads", headers=site.headers("handler")).status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path,make",
    [
        ("/leads", for_market),
        (f"/leads/{LEAD}", for_market),
        (f"/leads/{LEAD}", for_officer),
        (f"/leads/{LEAD}", for_prosecutor),
        ("/orders", for_market),
        ("order", for_market),
    ],
)
def test_a_page_can_be_used_without_seeing_it(
    site: Site, path: str, make: Any, language: str
) -> None:
    site.hear(make(LEAD))
    with_text(site)
    who = "handler" if path == "order" else "officer"
    text = page(site, order_path(site) if path == "order" else path, who, language)

    found = outline(text)

    assert found.headings.count("h1") == 1
    assert len(found.ids) == len(set(found.ids))
    assert set(found.inputs) <= set(found.labelled)
    assert set(found.described) <= set(found.ids)
    assert any(each in text for each in ("待签收", "初筛", "已移送", "转主管部门")) == (
        language == "zh"
    )


def test_every_sentence_is_there_in_chinese(site: Site) -> None:
    """English words on a Chinese page are codes, names of rule-sets, or a gap in the catalogue."""
    site.hear(for_market(LEAD))
    with_text(site)
    send(site, f"{order_path(site)}/acknowledge", {}, who="handler")

    for path, who in ((f"/leads/{LEAD}", "officer"), (order_path(site), "handler")):
        text = page(site, path, who, "zh")
        for english in ("The ", "Who ", "You ", "Agency", "Close", "What ", "It "):
            assert english not in text.partition("<main")[2].partition("</main>")[0]
