"""What templates have at hand."""

from datetime import datetime
from pathlib import Path

from flask import Flask, request, url_for
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from shared.auth.policy import ANYONE
from shared.clock import CHINA
from shared.web.assets import asset_url
from shared.web.context import current_actor, platform, service
from shared.web.forms import request_key
from shared.web.i18n import HTML_CODES, LOCALES, language
from shared.web.idempotency import KEY_FIELD
from shared.web.operation import VERSION_FIELD
from shared.web.platform import Link
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
        KEY_FIELD=KEY_FIELD,
        LANGUAGES=tuple(LOCALES),
        HTML_CODES=HTML_CODES,
        VERSION_FIELD=VERSION_FIELD,
    )
    app.context_processor(_of_request)


def when(instant: datetime | None) -> str:
    """An instant as people in China read their clocks: ``2026-05-01 09:30``."""
    return "" if instant is None else instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _named_field(name: str) -> str:
    """What a field is called, before what is wrong with it; nothing where it has no words."""
    code = name.rpartition(".")[2].removesuffix("[]")
    words = label("fact", code, language())
    return "" if words == code else f"{words} – "


def _of_request() -> dict[str, object]:
    return {
        "actor": current_actor(),
        "language": language(),
        "navigation": [link for link in platform().navigation if _leads(link)],
        "current_path": request.script_root + request.path,
        "service": service().name,
    }


def _leads(link: Link) -> bool:
    return link.roles == ANYONE or bool(link.roles & current_actor().roles)


def _language_link(to: str) -> str:
    """Comes back to this page, without its query: what was searched for is not passed around."""
    return url_for("switch_language", to=to, back=f"{request.script_root}{request.path}")
