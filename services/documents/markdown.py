"""The pages for people that follow from the code: events, API and settings."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args

from flask import Blueprint, Flask

from services import registry
from shared.events import EVENT_CLASSES, PUBLISHERS, Event
from shared.events import base as vocabulary
from shared.service import Service
from shared.settings import settings_table
from shared.web.operation import Guarded, Operation

NOTICE = "<!-- Written by `hemu docs` from the code; do not edit. -->\n"
NAMES = {
    id(kind): name
    for name, kind in vars(vocabulary).items()
    if not name.startswith("_") and get_args(kind)
}


def events() -> str:
    """Every event type: publisher, topic, meaning, fields, who listens."""
    listeners = _listeners()
    lines = [
        "# Events",
        "",
        NOTICE,
        "CloudEvents 1.0. Hemu publishes in binary mode: headers `ce_id, ce_source, ce_type,",
        "ce_specversion, ce_time, ce_subject, ce_sequence, ce_correlationid, ce_causationid,",
        "ce_actor`, `content-type: application/json` and `traceparent`; the value is the JSON of",
        "the fields below. It also reads structured mode: `content-type:",
        "application/cloudevents+json`, and one JSON object that holds all of it as the value;",
        "`hemu events` prints the log so. In both the key is the subject. Readers pass over",
        "unknown fields and unknown types; an incompatible change is a new type. No event holds",
        "personal data. For machines: [asyncapi.yaml](asyncapi.yaml) (AsyncAPI 3).",
        "",
    ]
    for publisher in PUBLISHERS:
        lines += [f"## {publisher}", ""]
        for event_class in EVENT_CLASSES.values():
            if event_class.event_type.startswith(f"{publisher}."):
                lines += _event(event_class, listeners.get(event_class.event_type, []))
    return "\n".join(lines).rstrip() + "\n"


def _event(event_class: type[Event], listeners: list[str]) -> Iterator[str]:
    yield f"### `{event_class.event_type}`"
    yield ""
    yield f"{inspect.getdoc(event_class)}"
    yield ""
    heard = ", ".join(listeners) or "–"
    yield f"Topic `{event_class.topic}`; class `{event_class.__name__}`; heard by: {heard}."
    yield ""
    yield "| Field | Type |"
    yield "| --- | --- |"
    for name, kind in _fields(event_class, ""):
        yield f"| `{name}` | {kind} |"
    yield ""


def _fields(owner: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for field in fields(owner):
        kind: Any = field.type
        inner = next((each for each in get_args(kind) if is_dataclass(each)), None)
        if is_dataclass(kind):
            yield from _fields(kind, f"{prefix}{field.name}.")
        elif inner is not None:
            yield from _fields(inner, f"{prefix}{field.name}[].")
        else:
            yield f"{prefix}{field.name}", _type(kind)


def _type(kind: Any) -> str:
    if id(kind) in NAMES:
        return NAMES[id(kind)]
    parts = [each for each in get_args(kind) if each not in {Ellipsis, type(None)}]
    if type(None) in get_args(kind):
        return " or ".join(_type(each) for each in parts) + ", or none"
    if getattr(kind, "__origin__", None) is tuple:
        return "list of " + " ".join(_type(each) for each in parts)
    return str(getattr(kind, "__name__", kind))


def _listeners() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for service in registry.load_all():
        for reaction in service.reactions:
            if reaction.event_class is not None:
                names = found.setdefault(reaction.event_class.event_type, [])
                names += [service.name] if service.name not in names else []
    for names in found.values():
        names.sort()
    everything = [
        service.name
        for service in registry.load_all()
        if any(reaction.event_class is None for reaction in service.reactions)
    ]
    return {name: sorted({*found.get(name, []), *everything}) for name in EVENT_CLASSES}


def api() -> str:
    """Every route of every service: method, path, action, roles, what it does."""
    lines = ["# HTTP", "", NOTICE]
    lines += [
        "OpenAPI 3.1 of a service: `GET /{service}/api/v1/openapi.json`. Errors are RFC 9457",
        "problems with an `errors` map by field; lists are `{items: […]}` with `Link: rel=next`;",
        "unsafe requests accept `Idempotency-Key`; a change to a case needs `If-Match`. Every",
        "service has `GET /{service}/api/v1/audit/mine` (page: `/{service}/audit/mine`): what",
        "whoever is signed in did and was shown there.",
        "",
    ]
    for service in registry.load_all():
        lines += [
            f"## {service.name}",
            "",
            "| Method | Path | Roles | |",
            "| --- | --- | --- | --- |",
        ]
        lines += sorted(_routes(service))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _routes(service: Service) -> Iterator[str]:
    for blueprint in service.blueprints:
        for method, path, view in routes_of(blueprint):
            roles = ", ".join(sorted(service.policy.roles[view.action])).replace("*", "anyone")
            what = (inspect.getdoc(view) or view.action).splitlines()[0]
            kind = what if isinstance(view, Operation) else f"page: {what}"
            yield f"| {method} | `/{service.name}{path}` | {roles} | {kind} |"


def routes_of(blueprint: Blueprint) -> Iterator[tuple[str, str, Guarded]]:
    """Method, path and view of each route of a blueprint, without an application."""
    app = Flask("documents", static_folder=None)
    app.register_blueprint(blueprint)
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if isinstance(view, Guarded):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule, view


def settings() -> str:
    """The settings table of docs/operations.md."""
    rows = [f"| `{name}` | {meaning} |" for name, meaning in settings_table()]
    return (
        "\n".join(["# Settings", "", NOTICE, "| Variable | Meaning |", "| --- | --- |", *rows])
        + "\n"
    )
