"""The OpenAPI 3.1 description of a service's API, from what its operations say of themselves."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, current_app
from marshmallow import Schema
from werkzeug.routing import Rule

from shared.web.context import service
from shared.web.operation import SAFE, Operation
from shared.web.paging import CursorField
from shared.web.problems import MIMETYPE

VERSION = "1"
PREFIX = "/api/"

_PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_FORMATS = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer"}}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {"type": "string"},
    },
}


def serve_openapi() -> Response:
    cached: dict[str, bytes] = current_app.extensions.setdefault("hemu.openapi", {})
    if "written" not in cached:
        cached["written"] = msgspec.json.encode(describe(current_app))
    return Response(cached["written"], mimetype="application/json")


def describe(app: Flask) -> dict[str, Any]:
    """The description, as plain data. Internal addresses are left out."""
    with app.app_context():
        name = service().name
    spec = APISpec(
        title=f"Hemu {name}",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
        servers=[{"url": f"/{name}"}],
    )
    spec.components.schema("Problem", _PROBLEM)
    spec.components.response(
        "Problem",
        {
            "description": "Why it was not done",
            "content": {MIMETYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for rule, view in _operations(app):
        path = _PARAMETER.sub(r"{\2}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            spec.path(path, operations={method.lower(): _operation(rule, view, method)})
    found: dict[str, Any] = spec.to_dict()
    return found


def _operations(app: Flask) -> Iterator[tuple[Rule, Operation]]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if isinstance(view, Operation) and rule.rule.startswith(PREFIX):
            yield rule, view


def _operation(rule: Rule, view: Operation, method: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": f"{view.__name__}_{method.lower()}",
        "summary": (view.__doc__ or view.__name__.replace("_", " ")).strip().partition("\n")[0],
        "parameters": [*_path_parameters(rule), *_headers(view, method)],
        "responses": {**_good(view), "default": "Problem"},
        "security": [{"bearer": []}, {}],
        "x-action": view.action,
    }
    if view.query is not None:
        found["parameters"].append({"in": "query", "schema": view.query})
    if view.raw is not None and method not in SAFE:
        found["requestBody"] = {
            "required": True,
            "content": {view.raw: {"schema": {"type": "string"}}},
        }
    if view.body is not None and method not in SAFE:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": view.body}},
        }
    return found


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for converter, name in _PARAMETER.findall(rule.rule):
        schema = _FORMATS.get(converter, {"type": "string"})
        yield {"in": "path", "name": name, "required": True, "schema": schema}


def _headers(view: Operation, method: str) -> Iterator[dict[str, Any]]:
    if method not in SAFE:
        yield _header("Idempotency-Key", required=False)
        if view.conditional:
            yield _header("If-Match", required=True)


def _header(name: str, *, required: bool) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": required, "schema": {"type": "string"}}


def _good(view: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done"}
    if view.answer is not None:
        answer["content"] = {"application/json": {"schema": view.answer}}
    if view.query is not None and any(
        isinstance(field, CursorField) for field in view.query.fields.values()
    ):
        answer["headers"] = {
            "Link": {"description": "rel=next: the next page", "schema": {"type": "string"}}
        }
    return {str(view.status): answer}


def _name(schema: type[Schema] | Schema) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    return cls.__name__.removesuffix("Schema")
