"""Chromium in front of a running system, and who looks through it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

from shared.auth.door import COOKIE
from tests.e2e.system import System
from tests.servers import ServerMissing

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
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

MEDIATOR, OFFICER, AGENCY, OPS = "人民调解员", "线索流转员", "承办单位经办人", "运维"
PROSECUTOR, DIRECTOR, ADMINISTRATOR = "检察官", "调委会主任", "机构管理员"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Raises ServerMissing."""
    program = shutil.which("chromium")
    if program is None:
        raise ServerMissing("Chromium is not installed")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield found
        found.close()


class Browsers:
    """One per role and language, kept for the next test: what is cached is loaded once."""

    def __init__(self, system: System, browser: Browser, sessions: "Sessions") -> None:
        self._system = system
        self._browser = browser
        self._sessions = sessions
        self._kept: dict[tuple[str, str, bool], BrowserContext] = {}
        self.complaints: list[str] = []

    def of(self, *, role: str = "", language: str = "zh", script: bool = True) -> BrowserContext:
        key = role, language, script
        if key not in self._kept:
            self._kept[key] = self._new(role, language, script=script)
        return self._kept[key]

    def forget(self) -> None:
        """Who was nobody is nobody again."""
        for (role, _, _), context in self._kept.items():
            if not role:
                context.clear_cookies()

    def _new(self, role: str, language: str, *, script: bool) -> BrowserContext:
        context = self._browser.new_context(
            locale=LANGUAGES[language], base_url=self._system.url, java_script_enabled=script
        )
        context.on("console", lambda message: self.complaints.append(message.text))
        context.on("weberror", lambda found: self.complaints.append(str(found.error)))
        if role:
            token = self._sessions.of(role)
            context.add_cookies([{"name": COOKIE, "value": token, "url": self._system.url}])
        return context


class Sessions:
    """One per role, opened with the login and the password that are printed for it."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._tokens: dict[str, str] = {}

    def account(self, role: str) -> tuple[str, str]:
        """Login and password of the role with this Chinese name."""
        line = next(line.split() for line in self._system.output if role in line.split())
        return line[0], line[1]

    def of(self, role: str) -> str:
        """The session's cookie of the role."""
        if role not in self._tokens:
            login, password = self.account(role)
            form = {"login": login, "password": password}
            with httpx.Client(base_url=self._system.url, timeout=20) as client:
                self._tokens[role] = client.post("/directory/sign-in", data=form).cookies[COOKIE]
        return self._tokens[role]
