"""What is asked with a table, and what is told of its rows."""

from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from services.directory.data import RowResult, Wrong
from services.directory.schemas.changes import GapSchema
from shared.web.i18n import language, translate
from shared.web.schema import AnswerSchema, CommandSchema, Text
from shared.words import label

FINGERPRINT = 64


@dataclass(frozen=True, kw_only=True)
class Import:
    """``seen``: the fingerprint that the dry run gave; without it, this is the dry run."""

    seen: str | None = None


class ImportSchema(CommandSchema[Import]):
    command = Import

    seen = Text(max_length=FINGERPRINT, min_length=FINGERPRINT)


def said(wrong: Wrong) -> str:
    """What is wrong, and what would be right, in the language of the request."""
    text = translate(wrong.text, value=wrong.value)
    if not wrong.allowed:
        return text
    words = [label(wrong.kind, code, language()) for code in wrong.allowed]
    one_of = translate("It is one of: %(choices)s.", choices=translate(", ").join(words))
    return f"{text} {one_of}"


class WrongSchema(AnswerSchema):
    entry_id = fields.String(required=True)
    field = fields.String(required=True)
    text = fields.Function(said, required=True, metadata={"type": "string"})


class RowSchema(AnswerSchema):
    line = fields.Integer(required=True)
    id = fields.String(required=True)
    result = fields.String(required=True)
    wrong = fields.List(fields.Nested(WrongSchema), required=True)


class ImportedSchema(AnswerSchema):
    """``seen`` is what is to be sent to have it done; null when it has been, or cannot be."""

    done = fields.Boolean(required=True)
    seen = fields.String(required=True, allow_none=True)
    rows = fields.List(fields.Nested(RowSchema), required=True)
    elsewhere = fields.List(fields.Nested(WrongSchema), required=True)
    gaps = fields.List(fields.Nested(GapSchema), required=True)


def result_of(row: RowResult) -> dict[str, Any]:
    """For pages: with the words of what is wrong."""
    words = [(wrong.field, said(wrong)) for wrong in row.wrong]
    return {"line": row.line, "id": row.id, "result": row.result, "wrong": words}
