"""Reads what a request brings, strictly: its body, its form, its query."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from flask import g, request
from gunicorn.http.errors import ParseException
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from shared.errors import Malformed
from shared.web.fields import FormText
from shared.web.i18n import N_
from shared.web.schema import CommandSchema, StrictSchema, flat_errors
from shared.web.strict_json import read_json

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MAX_BODY = 256 * 1024
MAX_PAIRS = 1000

Pairs = Sequence[tuple[str, str]]

_NOTHING = StrictSchema()
_CHARACTER = N_("This text holds a character that is not allowed.")
_QUERY = N_("The query cannot be read.")
_UNSAFE = re.compile("[\x00\ud800-\udfff]")


def read_body(schema: Schema | None) -> object:
    """The JSON body through the schema; a request that needs none may leave it out.

    Raises Malformed, ValidationError, or what werkzeug raises for a wrong type or size.
    """
    raw = _body()
    if not raw and schema is None:
        return {}
    if request.mimetype != JSON or request.mimetype_params.get("charset", "utf-8").lower() not in {
        "utf-8",
        "utf8",
    }:
        raise UnsupportedMediaType
    found = content()
    if not isinstance(found, dict):
        raise Malformed("The body must be a JSON object.")
    return load(schema or _NOTHING, found)


def content() -> object:
    """The JSON of the body, which is read once; nobody changes it. Raises Malformed."""
    if "content" not in g:
        g.content = read_json(request.get_data())
    found: object = g.content
    return found


def read_query(schema: Schema | None) -> object:
    """The query through the schema; raises Malformed naming the parameters that are wrong.

    An empty parameter counts as left out, as a form of filters sends it.
    """
    if schema is None and not request.query_string:
        return {}
    schema = schema or _NOTHING
    values: dict[str, object] = {}
    for name, texts in request.args.lists():
        field = schema.fields.get(name)
        typed = [FormText(text) for text in texts if text or field is None]
        if isinstance(field, fields.List):
            values[name] = typed
        elif len(typed) > 1:
            raise Malformed(_QUERY, fields={name[:200]: N_("This is given twice.")})
        elif typed:
            values[name] = typed[0]
    try:
        return load(schema, values)
    except ValidationError as error:
        wrong = {name: texts[0] for name, texts in flat_errors(error.messages).items()}
        raise Malformed(_QUERY, fields=wrong) from error


def read_form() -> MultiDict[str, str]:
    """The posted form; raises Malformed, or what werkzeug raises for a wrong type or size."""
    raw = _body()
    if raw and request.mimetype != FORM:
        raise UnsupportedMediaType
    return MultiDict(pairs(raw))


def _body() -> bytes:
    """Of a body whose length was not announced, werkzeug reads what is allowed and stops; hence
    one byte more is allowed than we accept.
    """
    try:
        raw = request.get_data()
    except (ParseException, OSError) as error:  # a broken chunk, or nobody there any more
        raise Malformed("The body cannot be read.") from error
    if len(raw) > MAX_BODY:
        raise RequestEntityTooLarge
    return raw


def pairs(raw: bytes) -> Pairs:
    """The names and values of a query or a form; raises Malformed."""
    try:
        found = parse_qsl(
            raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_PAIRS
        )
    except UnicodeDecodeError as error:
        raise Malformed("This is not valid UTF-8.") from error
    except ValueError as error:
        raise Malformed("There are too many fields.") from error
    for name, value in found:
        if _UNSAFE.search(name) or _UNSAFE.search(value):
            raise Malformed(_CHARACTER, fields={_UNSAFE.sub("?", name)[:200]: _CHARACTER})
    return found


def load(schema: Schema, given: Mapping[str, object]) -> Any:
    """Raises ValidationError."""
    if isinstance(schema, CommandSchema):
        return schema.read(given)
    return schema.load(given)
