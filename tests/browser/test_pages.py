"""Every page in both languages, wide and on a phone: readable, labelled, and nothing sticks out."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MEDIATOR, OFFICER, AGENCY, OPS = "人民调解员", "线索流转员", "承办单位经办人", "运维"
PAGES = [
    ("/intake/", ""),
    ("/intake/disputes/new", ""),
    ("/intake/leads/new", ""),
    ("/intake/receipts", ""),
    ("/intake/disputes", MEDIATOR),
    ("/mediation/mediations", MEDIATOR),
    ("/referral/leads", OFFICER),
    ("/referral/orders", AGENCY),
    ("/ops/flows", OPS),
    ("/ops/dead-letters", OPS),
    ("/directory/sign-in", ""),
]
QUEUES = [
    ("/intake/disputes", MEDIATOR),
    ("/mediation/mediations", MEDIATOR),
    ("/referral/leads", OFFICER),
    ("/referral/orders", OFFICER),
    ("/ops/flows", OPS),
]
UNNAMED = """() => [...document.querySelectorAll('input, select, textarea, button, a[href]')]
    .filter(each => each.type !== 'hidden')
    .filter(each => !(each.labels && each.labels.length) && !each.textContent.trim()
        && !each.getAttribute('aria-label') && !each.getAttribute('aria-labelledby'))
    .map(each => each.outerHTML)"""


def check(page: Page, language: str) -> None:
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)
    assert page.evaluate("document.documentElement.lang").startswith(language)
    assert page.evaluate(UNNAMED) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language, phone", [("zh", True), ("en", False)])
@pytest.mark.parametrize("path, role", PAGES)
def test_a_page_has_one_heading_names_for_all_controls_and_fits(
    visit: Open, path: str, role: str, language: str, *, phone: bool
) -> None:
    check(visit(path, role=role, language=language, phone=phone), language)


@pytest.mark.parametrize("path, role", QUEUES)
def test_what_a_queue_leads_to_fits_too(visit: Open, path: str, role: str) -> None:
    page = visit(path, role=role, phone=True)
    queue = page.url

    page.locator("tbody a").first.click()

    check(page, "zh")
    assert page.url != queue


def test_a_dispute_is_filed_by_the_form_and_found_by_its_receipt(visit: Open) -> None:
    page = visit("/intake/disputes/new", phone=True)
    page.get_by_label("请用您自己的话说明").fill("三楼卫生间漏水,吊顶塌了。")
    page.evaluate("document.querySelector('form[method=post]:not(.who)').noValidate = true")
    page.locator("main form button[type=submit], main form button:not([type])").last.click()
    expect(page.get_by_label("请用您自己的话说明")).to_have_value("三楼卫生间漏水,吊顶塌了。")
    expect(page.locator(".field-error").first).to_be_visible()

    page.locator("select[name=category]").select_option("neighbour.water_leak")
    page.locator("select[name='place.area']").select_option("350599001001")
    page.locator("main form button[type=submit], main form button:not([type])").last.click()

    receipt = page.get_by_text("JF350599-2026-").first
    expect(receipt).to_be_visible()
    number = page.locator(".receipt").inner_text()
    assert "receipt" not in page.url
    page.goto("/intake/receipts")
    page.locator("input[name=receipt]").fill(number)
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text("已有人负责")


def test_a_mediator_accepts_records_and_concludes_without_typing_anything_twice(
    visit: Open,
) -> None:
    page = visit("/mediation/mediations", role=MEDIATOR)
    page.locator("tbody a", has_text="生活噪声").first.click()

    page.get_by_label("是，各方都同意").check()
    page.get_by_role("button", name="受理这件").click()

    expect(page.locator(".state, .tag").first).to_contain_text("已受理")
