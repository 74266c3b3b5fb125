"""Makes the web application of one service."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from shared.service import Service
from shared.web import context, door, i18n, problems, rendering
from shared.web.access import access_blueprint
from shared.web.assets import serve_asset
from shared.web.backbone import backbone_blueprint
from shared.web.health import figures, live, ready
from shared.web.i18n import switch_language
from shared.web.openapi import serve_openapi
from shared.web.operation import Guarded
from shared.web.platform import Platform
from shared.web.reading import MAX_BODY, MAX_PAIRS
from shared.web.witness import witness_blueprint

OPEN = frozenset({"asset", "live", "ready", "figures", "openapi", "switch_language"})
"""The routes made here, which name no action."""


class Unguarded(Exception):
    """A route does not say which action it is, or names one that the policy does not know."""


class Application(Flask):
    """Flask, without asking at each request whether our functions are asynchronous: none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(service: Service, platform: Platform) -> Flask:
    """Raises Unguarded."""
    app = Application(service.name, root_path=str(service.folder), static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY + 1,
        MAX_FORM_MEMORY_SIZE=MAX_BODY + 1,
        MAX_FORM_PARTS=MAX_PAIRS,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    context.install(app, service, platform)
    i18n.install(app, service.folder)
    problems.install(app)
    door.install(app)
    rendering.install(app, service.folder)
    app.add_url_rule("/static/<digest>/<name>", "asset", serve_asset)
    app.add_url_rule("/health/live", "live", live)
    app.add_url_rule("/health/ready", "ready", ready)
    app.add_url_rule("/metrics", "figures", figures)
    app.add_url_rule("/api/v1/openapi.json", "openapi", serve_openapi)
    app.add_url_rule("/language", "switch_language", switch_language)
    ours = (backbone_blueprint(), witness_blueprint(), access_blueprint())
    for blueprint in (*ours, *service.blueprints):
        app.register_blueprint(blueprint)
    _check(app, service)
    return app


def _check(app: Flask, service: Service) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if isinstance(view, Guarded):
            if view.action not in view.policy(service).roles:
                raise Unguarded(f"{service.name}: {rule.rule}: no policy for {view.action!r}")
        elif rule.endpoint not in OPEN:
            raise Unguarded(f"{service.name}: {rule.rule} needs @operation or @page")
