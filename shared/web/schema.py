"""Schemas that refuse what they do not know, and turn what they read into commands.

Make each schema once (``FILE_DISPUTE = FileDisputeSchema()``): an instance is safe to share, and
making one costs more than reading with it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from marshmallow import RAISE, Schema, post_load

from shared.web.fields import (
    AreaField,
    CodeField,
    Coordinate,
    Day,
    Flag,
    FormText,
    Identifier,
    KnownField,
    Money,
    Name,
    Text,
    TimeOfDay,
    WholeNumber,
)
from shared.web.i18n import N_, translate
from shared.web.validators import Length, OneOf, Range

__all__ = [
    "AnswerSchema",
    "AreaField",
    "CodeField",
    "CommandSchema",
    "Coordinate",
    "Day",
    "Flag",
    "FormText",
    "Identifier",
    "KnownField",
    "Length",
    "Money",
    "Name",
    "OneOf",
    "Range",
    "StrictSchema",
    "Text",
    "TimeOfDay",
    "WholeNumber",
    "flat_errors",
]

C = TypeVar("C")

MAX_ERRORS = 100

# marshmallow's own texts, in our words
_OURS = {
    "Missing data for required field.": N_("Please fill this in."),
    "Field may not be null.": N_("Please fill this in, or leave it out."),
    "Unknown field.": N_("There is no such field."),
    "Invalid input type.": N_("This must be a group of fields."),
    "Invalid type.": N_("This must be a group of fields."),
    "Not a valid list.": N_("This must be a list."),
    "Not a valid mapping type.": N_("This must be a group of fields."),
    "Not a valid string.": N_("This must be a text."),
    "Not a valid number.": N_("This must be a number."),
    "Not a valid integer.": N_("This must be a whole number."),
    "Not a valid boolean.": N_("This must be yes or no."),
    "Not a valid datetime.": N_("This must be a time, such as 2026-05-01T09:30:00+08:00."),
    "Not a valid aware datetime.": N_("This must be a time, such as 2026-05-01T09:30:00+08:00."),
    "Invalid value.": N_("This is not valid."),
}


class StrictSchema(Schema):
    """Refuses unknown fields."""

    class Meta:
        unknown = RAISE


class CommandSchema(StrictSchema, Generic[C]):
    """Reads into ``command``, a dataclass; fields left out get the dataclass's defaults."""

    command: type[C]

    @post_load
    def _make(self, data: dict[str, Any], **_options: Any) -> C:
        return self.command(**data)

    def read(self, given: Mapping[str, object]) -> C:
        """Raises marshmallow.ValidationError."""
        made: C = self.load(given)
        return made


class AnswerSchema(StrictSchema):
    """Says what an answer shows; only used to write."""


def flat_errors(messages: object) -> dict[str, list[str]]:
    """The messages of marshmallow as ``{"parties.0.name": ["…"]}``, translated."""
    found: dict[str, list[str]] = {}
    for path, text in _walk(messages, ()):
        name = ".".join(path)[:200]
        if name not in found and len(found) == MAX_ERRORS:
            break
        found.setdefault(name, []).append(translate(_OURS.get(text, text)))
    return found


def _walk(messages: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _walk(inner, path if key == "_schema" else (*path, str(key)))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _walk(inner, path)
    else:
        yield path, str(messages)
