"""What people do with pages: with a mouse, with keys alone, on a phone, without JavaScript."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

import services.intake
from shared.clock import day_in_china, utc_now
from tests.browser.browsers import ADMINISTRATOR, MEDIATOR, PROSECUTOR, Sessions
from tests.browser.conftest import Open
from tests.browser.hands import pick, reach, step_to
from tests.browser.test_pages import check, check_on_paper

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAMPLES = Path(services.intake.__file__).parent / "samples" / "intakes.jsonl"
LEAK, COMMUNITY = "neighbour.water_leak", "350599001001"
STORY = "三楼卫生间漏水,吊顶塌了。"
PARTS = 8


def test_a_resident_files_on_a_phone_without_javascript(visit: Open) -> None:
    page = visit("/intake/disputes/new", script=False, phone=True)
    page.get_by_label("请用您自己的话说明").fill(STORY)
    file = page.get_by_role("button", name="登记这件纠纷")
    onward = page.get_by_role("link", name="下一步")
    for part in range(1, PARTS):
        expect(page.locator(".part:visible")).to_have_count(1)
        expect(page.locator(".steps-said:visible")).to_contain_text(f"第 {part} 步，共 {PARTS} 步")
        expect(file).to_be_hidden()
        onward.click()
    expect(onward).to_be_hidden()
    file.click()
    expect(page.get_by_label("请用您自己的话说明")).to_have_value(STORY)
    expect(page.locator(".field-error").first).to_be_visible()

    pick(page, "category", LEAK)
    pick(page, "place.area", COMMUNITY)
    file.click()

    expect(page.get_by_text("JF350599-2026-").first).to_be_visible()
    assert "receipt" not in page.url
    number = page.locator(".receipt").first.inner_text()
    page.emulate_media(media="print")
    check_on_paper(page)
    page.emulate_media(media="screen")
    page.goto("/intake/receipts")
    page.locator("input[name=receipt]").fill(number)
    page.locator("main form button").click()
    expect(page.locator("main")).to_contain_text("已有人负责")


def test_on_a_phone_one_more_party_is_asked_for_where_one_is(visit: Open) -> None:
    page = visit("/intake/disputes/new", phone=True)
    page.get_by_role("link", name="下一步").click()
    page.get_by_role("link", name="下一步").click()
    parties = page.locator("input[name$='.name']:visible")
    before = parties.count()

    page.get_by_role("button", name="再加一位对方").click()

    expect(parties).to_have_count(before + 1)
    expect(page.locator(".part:visible")).to_have_count(1)


@pytest.mark.parametrize("path", ["/intake/disputes/new", "/intake/leads/new"])
def test_enter_in_a_field_files_nothing_yet(visit: Open, path: str) -> None:
    page = visit(path)
    page.evaluate("window.loadedOnce = true")

    page.locator("input[name='place.building']").press("Enter")

    later = "() => new Promise(done => setTimeout(() => done(window.loadedOnce), 500))"
    assert page.evaluate(later)


def test_a_mediator_signs_in_and_files_with_keys_alone(visit: Open, sessions: Sessions) -> None:
    page = visit("/directory/sign-in", language="zh", role="")
    login, password = sessions.account(MEDIATOR)
    reach(page, page.get_by_label("登录名"))
    page.keyboard.type(login)
    reach(page, page.get_by_label("密码", exact=True))
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect(page.locator(".rail")).to_be_visible()

    reach(page, page.locator(".rail").get_by_role("link", name="登记纠纷"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("请用您自己的话说明")).to_be_visible()
    told = sample(LEAK)
    step_to(page, "category", LEAK)
    reach(page, page.get_by_label("请用您自己的话说明"))
    page.keyboard.insert_text(told["narrative"])
    step_to(page, "place.area", told["place"]["area"])
    for danger in ("weapon", "threat"):
        step_to(page, f"danger.{danger}", told["danger"][danger])
    reach(page, page.get_by_role("button", name="登记这件纠纷"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("JF350599-2026-").first).to_be_visible()


def test_a_mediator_accepts_without_typing_anything_twice(visit: Open) -> None:
    page = visit("/mediation/mediations", role=MEDIATOR)
    page.locator("main table tr", has_text="生活噪声").get_by_role("link").first.click()

    page.get_by_label("是，各方都同意").check()
    page.get_by_role("button", name="受理这件").click()

    expect(page.locator("main .state").first).to_contain_text("已受理")


def test_a_mediator_arranges_a_time_and_the_prosecutor_answers_on_a_phone(visit: Open) -> None:
    tomorrow = (day_in_china(utc_now()) + timedelta(days=1)).isoformat()
    page = visit("/mediation/mediations", role=MEDIATOR)
    page.locator("main table tr", has_text="联合").get_by_role("link").first.click()
    page.get_by_label("是，各方都同意").check()
    page.get_by_role("button", name="受理这件").click()
    page.get_by_label("日期", exact=True).fill(tomorrow)
    page.get_by_label("开始时间").fill("14:30")
    page.get_by_role("button", name="约定时间").click()
    expect(page.locator("aside")).to_contain_text("等检察官答复")
    page.goto(f"/mediation/rooms?day={tomorrow}")
    expect(page.locator("table .booked")).to_contain_text("14:30–16:00")
    check(page, "zh")

    theirs = visit(f"/mediation/rooms?day={tomorrow}", role=PROSECUTOR, phone=True)
    expect(theirs.locator("table.slots")).to_be_hidden()
    check(theirs, "zh")
    theirs.locator(".booked:visible a").click()
    theirs.get_by_role("button", name="到场参加").click()
    expect(theirs.locator("main")).to_contain_text("检察官到场")


def test_the_navigation_says_how_many_cases_are_open(visit: Open) -> None:
    page = visit("/mediation/", role=MEDIATOR)
    counts = page.locator("section[aria-labelledby=open] dd").all_inner_texts()
    beside = page.locator("nav a[href='/mediation/mediations'] .count")

    expect(beside).to_have_text(str(sum(int(count) for count in counts if count.isdigit())))


def test_an_administrator_imports_a_table_and_lets_a_member_leave(visit: Open) -> None:
    page = visit("/directory/import", role=ADMINISTRATOR, phone=True)
    row = "m-0921,联络员丁,Liaison D,o-004,liaison,350599001001"
    page.get_by_label("人员", exact=True).check()
    page.get_by_label("或将表格粘贴在此").fill(
        f"编号,中文姓名,英文姓名,所属机构,角色,服务区域\n{row}"
    )
    page.get_by_role("button", name="查看将会改变什么").click()
    expect(page.locator("main")).to_contain_text("新增 1")
    page.get_by_role("button", name="全部导入").click()
    expect(page.locator("main")).to_contain_text("已完成：新增 1 行")

    page.goto("/directory/members/m-0921")
    page.get_by_role("link", name="移交并离任").click()
    page.get_by_role("button", name="从今天起不再接收").click()
    expect(page.locator("main")).to_contain_text("手上没有未办结的事项")
    page.get_by_role("button", name="现在离任").click()

    expect(page).to_have_url(re.compile("/directory/members$"))


def sample(category: str) -> dict[str, Any]:
    """The body of the first one of this category."""
    bodies = (json.loads(line)["body"] for line in SAMPLES.read_text().splitlines())
    return next(body for body in bodies if body["category"] == category)
