"""A running system with the sample cases, and Chromium in front of it."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import missing
from tests.e2e.system import System
from tests.servers import ServerMissing

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

REFUSED = "status of 422"
"""What Chromium says of a form that has to be put right."""

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("browser") / "home") as found:
        assert found.run("demo").returncode == 0
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        missing(ServerMissing("Chromium is not installed"))
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield found
        found.close()


@pytest.fixture
def visit(system: System, browser: Browser) -> Iterator[Open]:
    """Opens a page as somebody: ``visit("/ops/flows", role="运维", language="zh", phone=True)``.

    Afterwards no page may have logged an error: the content security policy reports there, too.
    """
    complaints: list[str] = []
    contexts = []

    def page(path: str, *, role: str = "", language: str = "zh", phone: bool = False) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else WIDE,  # type: ignore[arg-type]
            locale=LANGUAGES[language],
            base_url=system.url,
        )
        contexts.append(context)
        opened = context.new_page()
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        if role:
            opened.goto(sign_in_link(system, role))
        opened.goto(path)
        return opened

    yield page
    for context in contexts:
        context.close()
    assert [text for text in complaints if REFUSED not in text] == []


def sign_in_link(system: System, role: str) -> str:
    line = next(line for line in system.output if line.split()[:1] == [role])
    link = re.search(r"http\S+$", line)
    assert link is not None
    return link[0]
