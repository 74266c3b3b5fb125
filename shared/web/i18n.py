"""Which language a person reads, and the texts in it: Chinese unless English is asked for."""

from pathlib import Path
from typing import Literal

from flask import Flask, g, has_request_context, redirect, request
from flask_babel import Babel, Domain, gettext
from werkzeug import Response

from shared.errors import Malformed
from shared.web.addresses import local_path

Language = Literal["zh", "en"]

COOKIE = "hemu_language"
LOCALES: dict[Language, str] = {"zh": "zh_Hans_CN", "en": "en"}
HTML_CODES: dict[Language, str] = {"zh": "zh-Hans-CN", "en": "en"}
COOKIE_DAYS = 365

HERE = Path(__file__).parent

N_ = str
"""Marks a text for translation where it is written; whoever shows it translates it."""


def install(app: Flask, folder: Path) -> None:
    """``folder`` is the service's; its catalogues add to, and may overrule, those kept here."""
    directories = [str(HERE / "translations"), str(folder / "translations")]
    Babel(app, default_locale=LOCALES["zh"], locale_selector=lambda: LOCALES[language()])
    # One for all requests: the extension would read the catalogues anew for each of them.
    domain = Domain(translation_directories=directories)
    app.before_request(domain.as_default)


def language() -> Language:
    """The language of this request; outside of one, Chinese."""
    if not has_request_context():
        return "zh"
    found: Language | None = g.get("language")
    if found is None:
        found = g.language = _wanted()
    return found


def _wanted() -> Language:
    chosen = request.cookies.get(COOKIE)
    if chosen in LOCALES:
        return chosen
    for code, quality in request.accept_languages:
        for known in LOCALES:
            if quality > 0 and code.lower().partition("-")[0] == known:
                return known
    return "zh"


def translate(text: str, **params: object) -> str:
    """The text in the language of this request; outside of one, as it is."""
    found: str = gettext(text) if text else ""
    return found % params if params else found


def switch_language() -> Response:
    """``/language?to=en&back=/somewhere``: remembers the choice and goes back."""
    to = request.args.get("to", "")
    if to not in LOCALES:
        raise Malformed("There is no such language.", fields={"to": "There is no such language."})
    answer = redirect(local_path(request.args.get("back", ""), f"{request.script_root}/"), 303)
    answer.set_cookie(
        COOKIE,
        to,
        max_age=COOKIE_DAYS * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
        path="/",
    )
    return answer
