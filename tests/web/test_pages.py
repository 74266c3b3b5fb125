"""Pages: safe headers, assets for ever, the reader's language, forms that can be put right."""

import re

import pytest

from tests.web.conftest import Site

CHINESE = {"Accept-Language": "zh-CN"}


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1/nothing", "/broken", "/health/live"])
def test_every_answer_carries_the_protecting_headers(site: Site, path: str) -> None:
    headers = site.client().get(path, headers=site.mediator).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-ID"])
    assert "Server" not in headers


def test_pages_hold_nothing_that_the_policy_forbids(site: Site) -> None:
    for path in ("/", "/notes/new", "/nothing"):
        html = site.client().get(path, headers=site.mediator).text

        assert not re.search(r"<style|style=|<script(?! src=)|\son\w+=|javascript:|https?://", html)


def test_assets_have_an_address_of_their_content_and_are_kept_for_ever(site: Site) -> None:
    html = site.client().get("/").text
    found = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', html))

    names = {path.rpartition("/")[2] for path in found}
    assert names == {"favicon.svg", "bootstrap.css", "hemu.css", "htmx.js", "hemu.js", "icons.svg"}
    for path in found:
        answer = site.client().get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_assets_are_packed_for_who_can_unpack_them(site: Site) -> None:
    path = re.findall(r'href="(/static/[^"]+bootstrap.css)"', site.client().get("/").text)[0]

    plain = site.client().get(path)
    packed = site.client().get(path, headers={"Accept-Encoding": "gzip, br"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 4


def test_an_old_address_gives_the_file_of_today_without_keeping_it(site: Site) -> None:
    answer = site.client().get("/static/000000000000/hemu.css")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/static/x/../app.py", "/static/x/nothing.css", "/static/hemu.css"]
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    assert site.client().get(path).status_code == 404


@pytest.mark.parametrize(
    "wanted, lang",
    [
        ("", "zh-Hans-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW", "zh-Hans-CN"),
        ("fr", "zh-Hans-CN"),
        ("fr,en;q=0.5", "en"),
        ("en;q=0.1,zh;q=0.9", "zh-Hans-CN"),
        ("en;q=0", "zh-Hans-CN"),
        ("*", "zh-Hans-CN"),
        ("xx;;q=a,\x80", "zh-Hans-CN"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(site: Site, wanted: str, lang: str) -> None:
    answer = site.client().get("/", headers={"Accept-Language": wanted} if wanted else {})

    assert f'<html lang="{lang}">' in answer.text
    assert ("请登录" in answer.text) == (lang == "zh-Hans-CN")


def test_the_language_chosen_is_remembered(site: Site) -> None:
    client = site.client()

    answer = client.get("/language?to=en&back=/notes/new", headers=CHINESE)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/notes/new"
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert '<html lang="en">' in client.get("/", headers=CHINESE).text


@pytest.mark.parametrize(
    "back",
    ["", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/%0d%0aa:b", "/\t/x"],
)
def test_the_way_back_never_leaves_this_site(site: Site, back: str) -> None:
    answer = site.client().get(f"/language?to=en&back={back}")

    assert answer.headers.get("Location", "/") == "/"


def test_a_language_there_is_not_is_400(site: Site) -> None:
    assert site.client().get("/language?to=fr").status_code == 400


def test_links_carry_the_prefix_of_the_service(site: Site) -> None:
    html = site.client().get("/", environ_overrides={"SCRIPT_NAME": "/notes"}).text

    assert 'href="/notes/static/' in html
    assert "/notes/language?to=en&amp;back=/notes/" in html


def test_a_page_has_what_people_without_a_mouse_or_eyes_need(site: Site) -> None:
    html = site.client().get("/notes/new", headers=site.mediator).text

    assert html.count("<h1>") == 1
    assert '<a class="skip-link" href="#main">' in html
    assert '<main id="main"' in html
    for control in re.findall(r'<(?:input|textarea|select)[^>]* id="([^"]+)"', html):
        around = re.findall(rf'<label class="option">\s*<input[^>]* id="{control}"', html)
        assert html.count(f'for="{control}"') + len(around) == 1


def test_a_form_filled_in_wrongly_comes_back_with_what_is_wrong_at_the_field(site: Site) -> None:
    form = {"text": "", "kind": "other", "people.3.name": "王" * 21, "urgent": "yes"}

    answer = site.client().post("/notes/new", data=form, headers=site.mediator)

    assert answer.status_code == 422
    assert 'href="#field-text"' in answer.text
    assert 'href="#field-kind"' in answer.text
    assert 'href="#field-people-3-name"' in answer.text
    assert 'aria-describedby="field-text-help field-text-error" aria-invalid="true"' in answer.text


def test_a_form_keeps_its_key_when_it_comes_back(site: Site) -> None:
    key = "11111111-2222-4333-8444-555555555555"

    answer = site.client().post("/notes/new", data={"request_key": key}, headers=site.mediator)

    assert f'name="request_key" value="{key}"' in answer.text


def test_what_people_write_is_never_taken_as_html(site: Site) -> None:
    evil = "<script>alert(1)</script>"

    answer = site.client().post("/notes/new", data={"text": evil}, headers=site.mediator)

    assert answer.status_code == 200
    assert evil not in answer.text
    assert "&lt;script&gt;" in answer.text
