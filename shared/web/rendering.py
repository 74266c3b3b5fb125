"""What templates have at hand."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from shared.clock import CHINA, day_in_china
from shared.messaging.replica import Person
from shared.web import dates
from shared.web.assets import ICONS, asset_url
from shared.web.context import current_actor, platform, reading, service
from shared.web.fields import time_of_day
from shared.web.forms import request_key
from shared.web.i18n import HTML_CODES, LOCALES, Language, language
from shared.web.icons import NAMES
from shared.web.idempotency import KEY_FIELD
from shared.web.operation import VERSION_FIELD
from shared.words import label

HERE = Path(__file__).parent / "templates"


def install(app: Flask, folder: Path) -> None:
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(folder / "templates"), FileSystemLoader(HERE)]
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=asset_url,
        label=lambda kind, code: label(kind, code, language()),
        named_field=_named_field,
        language_link=_language_link,
        request_key=request_key,
        when=when,
        icon=icon,
        day=_in_words(dates.day),
        whole_day=_in_words(dates.whole_day),
        moment=_in_words(dates.moment),
        clock=dates.clock,
        time_of_day=time_of_day,
        left=lambda deadline: dates.left(deadline, platform().clock()),
        greeting=lambda: dates.greeting(platform().clock()),
        age=lambda since: dates.age(since, platform().clock()),
        waited=lambda since: dates.waited(since, platform().clock()),
        KEY_FIELD=KEY_FIELD,
        LANGUAGES=tuple(LOCALES),
        HTML_CODES=HTML_CODES,
        VERSION_FIELD=VERSION_FIELD,
    )
    app.jinja_env.filters["groupby_day"] = _by_day
    app.context_processor(_of_request)


def when(instant: datetime | None) -> str:
    """An instant as people in China read their clocks: ``2026-05-01 09:30``."""
    return "" if instant is None else instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def icon(name: str) -> Markup:
    """Beside words that say the same: it is hidden from who hears the page."""
    if name not in NAMES:
        raise KeyError(name)
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        asset_url(ICONS), name
    )


def _in_words(write: Callable[[Any, datetime, Language], str]) -> Callable[[Any], str]:
    return lambda when: write(when, platform().clock(), language())


def _by_day(entries: Iterable[Any]) -> list[list[Any]]:
    """What has an ``at``, in the order it comes, one list per day."""
    return [list(group) for _, group in groupby(entries, key=lambda one: day_in_china(one.at))]


def _named_field(name: str) -> str:
    """What a field is called, before what is wrong with it; nothing where it has no words."""
    code = name.rpartition(".")[2].removesuffix("[]")
    words = label("fact", code, language())
    return "" if words == code else f"{words} – "


def _of_request() -> dict[str, object]:
    here, actor = platform(), current_actor()
    return {
        "actor": actor,
        "me": _me(),
        "finder": next((each.path for each in here.finders if each.leads(actor)), None),
        "language": language(),
        "navigation": [link for link in here.navigation if link.leads(actor)],
        "current_path": request.script_root + request.path,
        "here_again": _here_again,
        "service": service().name,
    }


def _here_again() -> str:
    query = request.query_string.decode(errors="replace")
    return request.script_root + request.path + (f"?{query}" if query else "")


def _me() -> Person | None:
    """Who is signed in, by name; None where that is not known now, as pages of errors must show."""
    actor = current_actor()
    if not actor.signed_in:
        return None
    with suppress(SQLAlchemyError), reading() as session:
        return service().person(session, actor.id)
    return None


def _language_link(to: str) -> str:
    """Comes back to this page, without its query: what was searched for is not passed around."""
    return url_for("switch_language", to=to, back=f"{request.script_root}{request.path}")
