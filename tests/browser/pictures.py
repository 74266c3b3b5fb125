"""Makes the pictures of docs/pictures: ``python -m tests.browser.pictures [FOLDER]``."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from shared.clock import utc_now
from tests.browser.browsers import (
    MEDIATOR,
    OPS,
    PHONE,
    PROSECUTOR,
    WIDE,
    Browsers,
    Sessions,
    chromium,
)
from tests.browser.hands import pick
from tests.browser.palette import smaller
from tests.e2e.system import System
from tests.running import ROOT

FOLDER = ROOT / "docs" / "pictures"
STORY = "三楼卫生间漏水，吊顶塌了，说过三次都没有修。"


def as_it_is(page: Page) -> None:
    """Nothing more to do."""


def first(page: Page) -> None:
    page.locator("main table a").first.click()


def file(page: Page) -> None:
    pick(page, "category", "neighbour.water_leak")
    pick(page, "place.area", "350599001001")
    page.locator("textarea[name=narrative]").fill(STORY)
    page.get_by_role("button", name="登记这件纠纷").click()


def arrange(page: Page) -> None:
    """A session of each of one's cases, on the next days, and the week in which they are."""
    cases = [link.get_attribute("href") or "" for link in page.locator("main table a").all()]
    monday = utc_now().date() + timedelta(days=7 - utc_now().weekday())
    for number, case in enumerate(cases):
        page.goto(case)
        pick(page, "parties_consented", "yes")
        page.get_by_role("button", name="受理这件").click()
        page.locator("input[name=day]").fill((monday + timedelta(days=2 * number)).isoformat())
        page.locator("input[name=begins]").fill(f"{9 + 2 * number:02d}:30")
        page.get_by_role("button", name="约定时间").click()
        page.get_by_role("heading", name="下一次调解").wait_for()
    page.goto(f"/mediation/rooms?day={monday}")


@dataclass(frozen=True, kw_only=True)
class Picture:
    name: str
    path: str
    role: str = ""
    language: str = "zh"
    phone: bool = False
    then: Callable[[Page], None] = as_it_is


PICTURES = (
    Picture(name="sign-in", path="/directory/sign-in"),
    Picture(name="home", path="/mediation/", role=MEDIATOR),
    Picture(name="queue", path="/mediation/mediations", role=MEDIATOR),
    Picture(name="case", path="/mediation/mediations", role=MEDIATOR, then=first),
    Picture(name="phone", path="/mediation/mediations", role=MEDIATOR, phone=True, then=first),
    Picture(name="filing", path="/intake/disputes/new", phone=True),
    Picture(name="receipt", path="/intake/disputes/new", then=file),
    Picture(name="review", path="/referral/leads", role=PROSECUTOR, then=first),
    Picture(name="flow", path="/ops/flows", role=OPS),
    Picture(name="home-en", path="/mediation/", role=MEDIATOR, language="en"),
    Picture(name="case-en", path="/mediation/mediations", role=MEDIATOR, language="en", then=first),
    Picture(name="rooms", path="/mediation/mediations", role=MEDIATOR, then=arrange),
)


def main(folder: Path) -> None:
    with (
        TemporaryDirectory() as home,
        System(Path(home) / "home") as system,
        chromium() as browser,
    ):
        if system.run("demo").returncode != 0:
            sys.exit("The sample cases could not be filed.")
        browsers = Browsers(system, browser, Sessions(system))
        for picture in PICTURES:
            page = browsers.of(role=picture.role, language=picture.language).new_page()
            print(make(page, picture, folder), flush=True)
            page.close()


def make(page: Page, picture: Picture, folder: Path) -> str:
    page.set_viewport_size(PHONE if picture.phone else WIDE)
    page.goto(picture.path)
    picture.then(page)
    page.wait_for_load_state()
    found = smaller(page.screenshot())
    (folder / f"{picture.name}.png").write_bytes(found)
    return f"{picture.name:<10} {len(found) / 1000:6.1f} kB"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
