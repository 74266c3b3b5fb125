"""A running system with the sample cases, and Chromium in front of it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsers import PHONE, WIDE, Browsers, Sessions, chromium
from tests.conftest import missing
from tests.e2e.system import System
from tests.servers import ServerMissing

PATIENCE_MS = 20_000
"""For what is to be seen at last: a machine may be busy with other things."""

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
    expect.set_options(timeout=PATIENCE_MS)
    try:
        with chromium() as found:
            yield found
    except ServerMissing as error:
        missing(error)


@pytest.fixture(scope="session")
def sessions(system: System) -> Sessions:
    return Sessions(system)


@pytest.fixture(scope="session")
def browsers(system: System, browser: Browser, sessions: Sessions) -> Browsers:
    return Browsers(system, browser, sessions)


@pytest.fixture
def visit(browsers: Browsers) -> Iterator[Open]:
    """Opens a page as somebody: ``visit("/ops/flows", role="运维", language="zh", phone=True)``.

    Afterwards no page may have logged an error: the content security policy reports there, too.
    """
    pages: list[Page] = []

    def page(path: str, *, phone: bool = False, **whose: object) -> Page:
        opened = browsers.of(**whose).new_page()  # type: ignore[arg-type]
        pages.append(opened)
        opened.set_viewport_size(PHONE if phone else WIDE)
        opened.goto(path)
        return opened

    browsers.complaints.clear()
    yield page
    for opened in pages:
        opened.close()
    browsers.forget()
    assert [text for text in browsers.complaints if REFUSED not in text] == []
