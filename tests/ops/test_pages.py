"""What people see: the whole at a glance, one case hop by hop, and what is set aside."""

import re
from html.parser import HTMLParser
from uuid import UUID, uuid4

import pytest

from shared.errors import Rejected
from shared.events import CASES
from shared.messaging.log import Record
from tests.ops.system import System, dispute_routed

REASON = "The rules do not allow this."


class Outline(HTMLParser):
    """The headings, regions, tables and forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def heading(html: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    assert found is not None
    return words(found[1]).strip()


def icon(html: str) -> str:
    """The shape before the heading, which says the same without colour."""
    found = re.search(r"<h1>.*?#([a-z-]+)\"", html, re.DOTALL)
    assert found is not None
    return found[1]


def refuse(*_: object) -> None:
    raise Rejected(REASON)


def park_one(system: System) -> UUID:
    system.decide = refuse
    case_id = system.file_dispute()
    system.run()
    return case_id


def words(html: str) -> str:
    """The text of a page in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize(
    "language, well, stuck",
    [
        ("zh", "一切正常，每一件都有去向", "流转正常，1 件停着等人处理"),
        ("en", "All is well: every case is accounted for", "Cases flow; set aside: 1"),
    ],
)
def test_the_title_is_the_sentence_of_health(
    system: System, language: str, well: str, stuck: str
) -> None:
    system.file_dispute()
    system.run()
    page = system.get("/flows", language=language).text
    assert (icon(page), heading(page)) == ("check-circle", well)

    park_one(system)

    page = system.get("/flows", language=language).text
    assert (icon(page), heading(page)) == ("pause-circle", stuck)


def test_the_ledger_is_an_equation_that_balances(either: System) -> None:
    either.file_dispute()
    either.run()
    park_one(either)

    page = words(either.get("/flows").text)

    assert "accepted 2 = decided 1 + on the way 0 + set aside 1 + unaccounted for 0" in page
    assert "Both sides are equal, and nothing is unaccounted for." in page


def test_gaps_are_named_one_by_one(system: System) -> None:
    system.decide = lambda *_: None
    system.file_dispute()
    system.run()

    page = system.get("/flows", language="zh").text

    assert icon(page) == "exclamation-triangle-fill"
    assert heading(page) == "1 件去向不明，账对不上"
    assert "已读到，却没有定去向" in page
    assert "JF350599-2026-000001" in page


def test_a_side_that_is_too_large_is_not_called_equal(system: System) -> None:
    system.say("mediation", dispute_routed(uuid4()))
    system.run()

    page = words(system.get("/flows").text)

    assert "accepted 0 ≠ decided 0" in page
    assert "decided without a registration" in page


def test_a_service_that_is_away_is_shown_as_away(system: System) -> None:
    system.file_dispute()
    system.run()
    system.away.update({"intake", "mediation"})

    page = system.get("/flows").text

    assert icon(page) == "exclamation-triangle-fill"
    assert heading(page) == "Away, and nothing is known of it: intake, mediation"
    assert "mediation 1 nothing is known Away" in words(page)
    assert "accepted unknown ? decided" in words(page)


def test_services_tell_what_waits_and_what_is_set_aside(system: System) -> None:
    park_one(system)
    system.file_dispute()

    page = words(system.get("/flows", language="zh").text)

    assert "调解 mediation 0 0 0 1 0 正常，有停着的" in page
    assert re.search(r"登记 intake 1 1 \d+ (毫秒|秒) 0 0 0 正常", page)


def test_services_tell_how_many_events_they_published_hour_by_hour(either: System) -> None:
    for _case in range(3):
        either.file_dispute()
    either.run()
    either.clock.move(hours=2)
    either.file_dispute()
    either.file_lead()
    either.run()

    page = either.get("/flows").text

    assert "Cases accepted in the last 24 hours: 5." in words(page)
    assert "24 hours: between 0 and 3 events an hour" in page
    assert re.search(r"intake 2 ", words(page))
    assert re.search(r"referral 1 ", words(page))
    either.clock.move(hours=25)
    assert "Cases accepted in the last 24 hours: 0." in words(either.get("/flows").text)


def test_the_latest_flows_say_how_far_they_are_and_who_has_them(system: System) -> None:
    case_id = system.file_dispute()
    system.run()

    page = system.get("/flows", language="zh").text

    assert f'href="/flows/{case_id}"' in page
    assert "社区人民调解，由o-021办理：征求对方意愿" in page
    assert "已定去向" in page


def test_the_list_can_be_narrowed_and_turned(system: System) -> None:
    for _case in range(3):
        system.clock.move(seconds=1)
        system.file_dispute()
    system.run()

    page = system.get("/flows?limit=2&stage=routed").text

    [following] = re.findall(r'href="(/flows\?[^"]*cursor=[^"]*)"', page)
    assert "stage=routed" in following
    rest = system.get(following.replace("&amp;", "&")).text
    assert "JF350599-2026-000001" in rest
    assert "JF350599-2026-000003" not in rest
    assert "There is no case here." in system.get("/flows?stage=concluded").text


@pytest.mark.parametrize("field", ["case", "number"])
@pytest.mark.parametrize("case", ["JF350599-2026-000001", " jf350599-2026-000001 "])
def test_a_number_leads_to_its_flow(system: System, case: str, field: str) -> None:
    case_id = system.file_dispute()
    system.run()

    response = system.client().get("/find", query_string={field: case}, headers=system.headers())

    assert response.location == f"/flows/{case_id}"


def test_a_number_that_nobody_knows_is_told_so(system: System) -> None:
    response = system.get("/find?case=JF350599-2026-000009")

    assert response.status_code == 404
    assert "nothing has been heard of it yet" in response.text


def test_a_flow_is_told_step_by_step_in_words_with_the_code_beside(either: System) -> None:
    case_id = either.file_dispute()
    either.clock.move(milliseconds=12)
    either.publish("intake")
    either.clock.move(milliseconds=30)
    either.consume("mediation")
    either.run()

    page = either.get(f"/flows/{case_id}", language="zh").text

    assert heading(page).startswith("JF350599-2026-000001：社区人民调解")
    assert "纠纷已登记<br><code>intake.dispute.registered.v1</code>" in page
    assert "纠纷已分流<br><code>mediation.dispute.routed.v1</code>" in page
    assert "30.0" in page
    assert "12.0" in page


def test_a_slow_step_is_pointed_out_in_words(system: System) -> None:
    case_id = system.file_dispute()
    system.clock.move(seconds=7)
    system.publish("intake")
    system.clock.move(minutes=3)
    system.consume("mediation")
    system.run()

    page = words(system.get(f"/flows/{case_id}").text)

    assert "7 s slow: it waited for the log" in page
    assert "3 min slow: it waited to be read" in page


def test_a_case_that_waits_shows_where_nothing_has_happened_since(system: System) -> None:
    case_id = system.file_dispute()
    system.publish()
    system.consume("ops")
    system.clock.move(minutes=42)

    page = words(system.get(f"/flows/{case_id}").text)

    assert "Nothing since: 42 min Registered 42 min ago; mediation decides" in page


def test_a_parked_case_says_why_and_can_be_tried_again(system: System) -> None:
    case_id = park_one(system)
    page = system.get(f"/flows/{case_id}").text
    assert "Why it stopped in mediation" in page
    assert REASON in page

    response = system.client().post(
        f"/flows/{case_id}/retry", data={"service": "mediation"}, headers=system.headers()
    )

    assert response.status_code == 303
    assert response.location == f"/flows/{case_id}"
    system.decide = lambda tx, event: tx.emit(dispute_routed(event.case_id))
    assert system.consumers["mediation"].unpark() == 1


def test_failures_are_told_by_reason_with_age_cases_and_events(system: System) -> None:
    park_one(system)
    park_one(system)
    system.clock.move(minutes=42)

    page = system.get("/dead-letters").text

    assert heading(page) == "Set aside: 2"
    assert re.search(rf"{REASON}.*mediation 2 2 42 min ago", words(page))


def test_the_navigation_tells_how_many_are_set_aside(system: System) -> None:
    assert system.get("/dead-letters/count").text == ""
    park_one(system)
    park_one(system)
    system.clock.move(minutes=1)

    assert system.get("/dead-letters/count").text == '<data value="2">2</data>'


def test_one_or_all_are_tried_again_from_the_page(system: System) -> None:
    case_id = park_one(system)
    park_one(system)

    def retry(**form: str) -> str:
        sent = {"service": "mediation", **form}
        response = system.client().post(
            "/dead-letters/retry", data=sent, headers=system.headers(), follow_redirects=False
        )
        assert response.status_code == 303
        return response.location

    assert retry(key=str(case_id)) == "/dead-letters?retried=1"
    assert retry() == "/dead-letters?retried=2"
    assert "几秒内重试 2 件" in system.get("/dead-letters?retried=2", language="zh").text


def test_an_auditor_sees_no_button(system: System) -> None:
    case_id = park_one(system)

    for path in ("/dead-letters", f"/flows/{case_id}"):
        page = system.get(path, role="auditor").text

        assert '<form method="post"' not in page
        assert "Only operations may have it tried again." in page


def test_with_nothing_set_aside_the_page_says_so(system: System) -> None:
    assert heading(system.get("/dead-letters", language="zh").text) == "没有搁置的案件"

    system.away.add("referral")
    system.later()

    assert heading(system.get("/dead-letters", language="zh").text) == "系统的一部分情况不明"


def test_a_reason_cannot_break_the_page(system: System) -> None:
    """Reasons of unreadable records come from strangers."""
    headers = (("ce_specversion", b"1.0"), ("ce_type", b"%(x)s <b>100%</b>"))
    system.append(Record(CASES, "somebody", b"x", headers))
    system.run()

    for path in ("/dead-letters", "/flows"):
        response = system.get(path)

        assert response.status_code == 200
        assert "<b>100%" not in response.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_made_for_everybody(system: System, language: str) -> None:
    case_id = park_one(system)
    system.file_dispute()

    for path in ("/flows", f"/flows/{case_id}", "/dead-letters"):
        html = system.get(path, language=language).text
        outline = Outline(html)

        assert len(outline.all("h1")) == 1
        regions = [attrs for attrs in outline.all("div") if attrs.get("class") == "wide"]
        assert len(regions) == len(outline.all("table"))
        for region in regions:
            assert region["role"] == "region"
            assert region["tabindex"] == "0"
            assert region.get("aria-labelledby") or region.get("aria-label")
        assert all(attrs.get("scope") for attrs in outline.all("th"))
        ids = [attrs["id"] for _tag, attrs in outline.tags if attrs.get("id")]
        assert len(ids) == len(set(ids))
        labels = {attrs.get("for") for attrs in outline.all("label")}
        shown = [attrs for attrs in outline.all("input") if attrs.get("type") != "hidden"]
        assert {attrs["id"] for attrs in shown} <= labels
        assert "style=" not in html
        assert "None" not in words(html)


def test_pages_for_chinese_readers_are_in_chinese(system: System) -> None:
    """But for codes and ids, no English is left over in them."""
    case_id = park_one(system)
    allowed = re.compile(
        r"[a-z]+\.[a-z]+\.[a-z]+\.v\d|JF\d+-\d+-\d+|[0-9a-f]{8}-[0-9a-f-]{27}|hemu\.cases|English"
        r"|directory|intake|mediation|referral|ops|The rules do not allow this\."
    )

    for path in ("/flows", f"/flows/{case_id}", "/dead-letters"):
        body = system.get(path, language="zh").text.partition("<h1>")[2].partition("</main>")[0]
        left = allowed.sub("", words(body))

        assert re.findall(r"[A-Za-z]{3,}", left) == []
