"""Signing in at an OpenID provider: only who was linked, and only with what was begun here."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from services.directory.openid import BACK
from tests.conftest import needed
from tests.e2e.system import System
from tests.openid.provider import CLIENT, SECRET, OpenIdProvider, through_the_provider
from tests.servers.process import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("openid")]


@dataclass(frozen=True, kw_only=True)
class Place:
    system: System
    provider: OpenIdProvider

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.system.url, timeout=20)

    def person(self, number: int) -> tuple[str, str]:
        """The login and the password that stand in this line of what is printed."""
        lines = [line.split() for line in self.system.output if line.startswith("  ")]
        return lines[number][0], lines[number][1]

    def sign_in(self, browser: httpx.Client, number: int) -> None:
        login, password = self.person(number)
        form = {"login": login, "password": password}
        assert browser.post("/directory/sign-in", data=form).status_code == httpx.codes.SEE_OTHER

    def begun(self, browser: httpx.Client, path: str = "/directory/sign-in/openid") -> str:
        response = browser.get(path)
        assert response.status_code == httpx.codes.SEE_OTHER, response.text
        assert response.headers["location"].startswith(self.provider.issuer)
        return response.headers["location"]

    def linking(self, browser: httpx.Client, number: int) -> str:
        """Begun by the person of this line."""
        form = {"password": self.person(number)[1]}
        response = browser.post("/directory/account/openid", data=form)
        assert response.status_code == httpx.codes.OK, response.text
        [address] = re.findall(f'href="({re.escape(self.provider.issuer)}[^"]+)"', response.text)
        return html.unescape(address)

    def returned(self, browser: httpx.Client, address: str, login: str) -> httpx.Response:
        """What Hemu answers when the provider sends the browser back."""
        with httpx.Client(timeout=20) as elsewhere:
            back = through_the_provider(elsewhere, address, login, self.system.url)
        return browser.get(back)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("openid")
    (folder / "secret").write_text(SECRET)
    address = f"127.0.0.1:{free_port()}"
    provider = needed(OpenIdProvider, folder, f"http://{address}{BACK}")
    system = System(
        folder / "home",
        HEMU_OPENID_ISSUER=provider.issuer,
        HEMU_OPENID_CLIENT=CLIENT,
        HEMU_OPENID_SECRET_FILE=str(folder / "secret"),
        HEMU_PUBLIC_URL=f"http://{address}",
        HEMU_ADDRESS=address,
    )
    system.address = address
    with provider, system:
        yield Place(system=system, provider=provider)


@pytest.fixture(scope="module")
def linked(place: Place) -> str:
    """The provider's name of a mediator who has linked their account."""
    with place.browser() as browser:
        place.sign_in(browser, 0)
        address = place.linking(browser, 0)
        answer = place.returned(browser, address, "the-mediator")
        assert answer.headers["location"] == "/directory/account"
    return "the-mediator"


def test_a_session_alone_links_nothing(place: Place) -> None:
    with place.browser() as browser:
        place.sign_in(browser, 0)

        answer = browser.post("/directory/account/openid", data={"password": "a wrong password"})

    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert place.provider.issuer not in answer.text
    assert "hemu_openid" not in answer.cookies


def test_who_has_linked_an_account_signs_in_to_it(place: Place, linked: str) -> None:
    with place.browser() as browser:
        answer = place.returned(browser, place.begun(browser), linked)

        assert answer.headers["location"] == "/mediation/"
        assert browser.get("/mediation/mediations").status_code == httpx.codes.OK


def test_roles_that_the_provider_tells_of_are_not_believed(place: Place, linked: str) -> None:
    with place.browser() as browser:
        place.returned(browser, place.begun(browser), linked)

        assert browser.get("/ops/flows").status_code == httpx.codes.FORBIDDEN


def test_it_leads_to_where_one_wanted_to_go(place: Place, linked: str) -> None:
    with place.browser() as browser:
        address = place.begun(browser, "/directory/sign-in/openid?next=/intake/disputes")

        assert place.returned(browser, address, linked).headers["location"] == "/intake/disputes"


def test_who_has_linked_none_is_told_how_to(place: Place) -> None:
    with place.browser() as browser:
        answer = place.returned(browser, place.begun(browser), "a-stranger")

        assert answer.status_code == httpx.codes.UNAUTHORIZED
        assert browser.get("/mediation/mediations").status_code == httpx.codes.UNAUTHORIZED


def test_nobody_takes_over_what_is_linked_to_another(place: Place, linked: str) -> None:
    with place.browser() as browser:
        place.sign_in(browser, 1)
        answer = place.returned(browser, place.linking(browser, 1), linked)

        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY


def test_what_was_begun_in_another_browser_is_refused(place: Place, linked: str) -> None:
    with place.browser() as ours, place.browser() as theirs:
        address = place.begun(theirs)

        assert place.returned(ours, address, linked).status_code == httpx.codes.UNAUTHORIZED

        place.begun(ours)
        assert place.returned(ours, address, linked).status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize("name, value", [("state", "x"), ("code", "x"), ("iss", "http://evil")])
def test_an_answer_that_was_changed_is_refused(
    place: Place, linked: str, name: str, value: str
) -> None:
    with place.browser() as browser, httpx.Client(timeout=20) as elsewhere:
        address = place.begun(browser)
        back = urlsplit(through_the_provider(elsewhere, address, linked, place.system.url))
        query = {key: values[0] for key, values in parse_qs(back.query).items()}

        answer = browser.get(f"{back.path}?{urlencode({**query, name: value})}")

        assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_an_answer_is_good_once(place: Place, linked: str) -> None:
    with place.browser() as browser, httpx.Client(timeout=20) as elsewhere:
        address = place.begun(browser)
        cookies = dict(browser.cookies)
        back = through_the_provider(elsewhere, address, linked, place.system.url)
        assert browser.get(back).status_code == httpx.codes.SEE_OTHER

        with place.browser() as again:
            again.cookies.update({name: cookies[name] for name in cookies if "openid" in name})
            assert again.get(back).status_code == httpx.codes.UNAUTHORIZED


def test_the_form_offers_it(place: Place) -> None:
    with place.browser() as browser:
        assert "/directory/sign-in/openid" in browser.get("/directory/sign-in").text
