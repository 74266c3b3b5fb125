"""Whether the service lives, whether it can serve, and its figures."""

import os

import msgspec
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.exc import SQLAlchemyError

from shared.web.context import platform, service


def live() -> Response:
    return _json({"status": "live"}, 200)


def ready() -> Response:
    """503 with the reason while the database is away or the service is not set up."""
    reason = _reason()
    if reason is None:
        return _json({"status": "ready"}, 200)
    return _json({"status": "not ready", "reason": reason}, 503)


def figures() -> Response:
    """Of all processes, when several share the folder of figures."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _reason() -> str | None:
    on = platform()
    databases = {"database": on.database, "sealed database": on.sealed}
    for name, database in databases.items():
        try:
            if database is not None:
                database.ping()
        except (SQLAlchemyError, OSError):
            return f"the {name} is away"
    try:
        return service().ready(on.database)
    except (SQLAlchemyError, OSError):
        return "the database cannot be read"


def _json(body: dict[str, str], status: int) -> Response:
    return Response(msgspec.json.encode(body), status=status, mimetype="application/json")
