"""Every page in both languages, wide and on a phone: for everybody, and nothing sticks out."""

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.browsers import ADMINISTRATOR, LANGUAGES, MEDIATOR, OFFICER, PHONE, WIDE
from tests.browser.conftest import Open
from tests.browser.pages import PAGES, QUEUES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VIOLATIONS = """async () => (await axe.run({
    resultTypes: ["violations"], preload: false, iframes: false,
})).violations.map(each =>
    `${each.id}: ${each.nodes.slice(0, 3).map(node => node.html).join(" | ")}`)"""


def check(page: Page, language: str) -> None:
    """Wide and on a phone, of one page as it was loaded."""
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)
    assert page.evaluate("document.documentElement.lang").startswith(language)
    page.evaluate(AXE_SCRIPT)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate(VIOLATIONS) == [], size
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size


@pytest.mark.parametrize("path, role", PAGES)
def test_a_page_is_for_everybody(visit: Open, path: str, role: str) -> None:
    for language in LANGUAGES:
        check(visit(path, role=role, language=language), language)


@pytest.mark.parametrize("path, role", QUEUES)
def test_so_is_what_a_queue_leads_to(visit: Open, path: str, role: str) -> None:
    queue = visit(path, role=role)
    first = queue.locator("main table a").first.get_attribute("href")
    assert first

    for language in LANGUAGES:
        check(visit(first, role=role, language=language), language)


def test_the_language_is_switched_where_one_is(visit: Open) -> None:
    page = visit("/directory/rota", role=ADMINISTRATOR)

    page.locator(".rail").get_by_role("link", name="English").click()

    expect(page).to_have_url(re.compile("/directory/rota$"))
    assert page.evaluate("document.documentElement.lang") == "en"
    page.locator(".rail").get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans-CN")


@pytest.mark.parametrize(
    "path, role", [("/mediation/mediations", MEDIATOR), ("/referral/orders", OFFICER)]
)
def test_on_paper_there_is_no_rail_and_no_button(visit: Open, path: str, role: str) -> None:
    page = visit(path, role=role)
    page.locator("main table a").first.click()

    page.emulate_media(media="print")

    check_on_paper(page)


def check_on_paper(page: Page) -> None:
    expect(page.locator("main h1")).to_be_visible()
    for hidden in ("body > header", "body > footer", "main .btn", "main form"):
        for found in page.locator(hidden).all():
            expect(found).to_be_hidden()
