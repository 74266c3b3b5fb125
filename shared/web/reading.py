"""Reads what a request brings, strictly: its body, its form, its query."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import parse_qsl

from flask import g, request
from gunicorn.http.errors import ParseException
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import MultiPartParser

from shared.errors import Malformed
from shared.web.fields import FormText
from shared.web.i18n import N_
from shared.web.schema import CommandSchema, StrictSchema, flat_errors
from shared.web.strict_json import read_json

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data"
MAX_BODY = 256 * 1024
MAX_UPLOAD = 1024 * 1024
"""Of a form with a file, and of a table: more than any other body may have."""
MAX_PAIRS = 1000

Pairs = Sequence[tuple[str, str]]

_NOTHING = StrictSchema()
_CHARACTER = N_("This text holds a character that is not allowed.")
_QUERY = N_("The query cannot be read.")
_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_NOT_UTF_8 = "\ufffd"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A form that was sent with files; a file that was not chosen is not there."""

    form: MultiDict[str, str]
    files: Mapping[str, bytes]


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


def read_upload() -> Upload:
    """The posted form with its files; raises as ``read_form`` does."""
    if "upload" not in g:
        raw = _body(MAX_UPLOAD)
        if request.mimetype != UPLOAD:
            raise UnsupportedMediaType
        g.upload = _parts(raw)
    found: Upload = g.upload
    return found


def read_raw(mimetype: str) -> bytes:
    """A body that is no JSON; raises Malformed, or what werkzeug raises for a type or size."""
    raw = _body(MAX_UPLOAD)
    if request.mimetype != mimetype:
        raise UnsupportedMediaType
    return raw


def sent_form() -> MultiDict[str, str] | None:
    """The fields of the form that was sent; None when no form was."""
    if request.mimetype == UPLOAD:
        return read_upload().form
    return request.form if request.mimetype == FORM else None


def _parts(raw: bytes) -> Upload:
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    parser = MultiPartParser(
        stream_factory=_in_memory, max_form_memory_size=MAX_UPLOAD, max_form_parts=MAX_PAIRS
    )
    try:
        form, files = parser.parse(io.BytesIO(raw), boundary, len(raw))
    except ValueError as error:
        raise Malformed("The form cannot be read. Please load it again.") from error
    if None in {*form, *files}:
        raise Malformed("The form cannot be read. Please load it again.")
    for name, value in form.items(multi=True):
        if _UNSAFE.search(name) or _UNSAFE.search(value) or _NOT_UTF_8 in name + value:
            raise Malformed(_CHARACTER, fields={_UNSAFE.sub("?", name)[:200]: _CHARACTER})
    chosen = {name: file.read() for name, file in files.items(multi=True) if file.filename}
    return Upload(form=form, files=chosen)


def _in_memory(
    total_content_length: int | None,  # noqa: ARG001
    content_type: str | None,  # noqa: ARG001
    filename: str | None,  # noqa: ARG001
    content_length: int | None = None,  # noqa: ARG001
) -> IO[bytes]:
    """The body is there already, and not large."""
    return io.BytesIO()


def _body(most: int = MAX_BODY) -> bytes:
    """Of a body whose length was not announced, werkzeug reads what is allowed and stops; hence
    one byte more is allowed than we accept.
    """
    request.max_content_length = request.max_form_memory_size = most + 1
    try:
        raw = request.get_data()
    except (ParseException, OSError) as error:  # a broken chunk, or nobody there any more
        raise Malformed("The body cannot be read.") from error
    if len(raw) > most:
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
