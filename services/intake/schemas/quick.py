"""Reads what is right quickly, and leaves everything else to marshmallow.

Filing is the busiest thing Hemu does, and marshmallow's care for every field costs more than the
rest of it. So a schema's own fields are asked first, in one plain pass. Whatever that pass does
not know for certain to be right, it leaves; then marshmallow reads it all and says what is wrong.
There is one description of a registration, and marshmallow alone refuses.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from marshmallow import ValidationError, fields, missing, post_load, validates_schema

from shared.web.fields import Reading
from shared.web.schema import CommandSchema, OneOf

C = TypeVar("C")
Read = Callable[[Any], Any]


class NotCertain(Exception):
    """Perhaps right, perhaps wrong: marshmallow is to say."""


class QuickSchema(CommandSchema[C]):
    """Say in ``check`` and ``make`` what marshmallow would call hooks for."""

    def check(self, data: Mapping[str, Any]) -> None:
        """What concerns several fields; raises marshmallow.ValidationError."""

    def make(self, data: dict[str, Any]) -> C:
        return self.command(**data)

    def read(self, given: Mapping[str, object]) -> C:
        try:
            made: C = self.quick_read(given)
        except (NotCertain, ValidationError):
            made = super().read(given)
        return made

    @cached_property
    def quick_read(self) -> Read:
        """Raises NotCertain or ValidationError."""
        return _read_all(self)

    @validates_schema
    def _check(self, data: dict[str, Any], **_options: Any) -> None:
        self.check(data)

    @post_load
    def _make(self, data: dict[str, Any], **_options: Any) -> C:
        return self.make(data)


def _read_all(schema: QuickSchema[Any]) -> Read:
    readers = {name: _reader(field) for name, field in schema.load_fields.items()}
    required = {name for name, field in schema.load_fields.items() if field.required}
    defaults = {
        name: field.load_default
        for name, field in schema.load_fields.items()
        if field.load_default is not missing
    }

    def read(given: Any) -> Any:
        if type(given) is not dict or not required <= given.keys() <= readers.keys():
            raise NotCertain
        data = defaults.copy()
        for name, value in given.items():
            data[name] = readers[name](value)
        schema.check(data)
        return schema.make(data)

    return read


def _reader(field: Any) -> Read:
    read = _choice(field) or _checked(field)
    if not field.allow_none:
        return read
    return lambda value: None if value is None else read(value)


def _choice(field: Any) -> Read | None:
    """Of a few codes; anything but one of them is left to marshmallow."""
    match field.validators:
        case [OneOf() as validator] if isinstance(field, Reading):
            codes = {code: code for code in validator.choices if field.read(code) == code}
        case _:
            return None

    def read(value: Any) -> Any:
        try:
            return codes[value]
        except (KeyError, TypeError):
            raise NotCertain from None

    return read


def _checked(field: Any) -> Read:
    read = _plain(field)
    validators = tuple(field.validators)

    def checked(value: Any) -> Any:
        made = read(value)
        for validator in validators:
            validator(made)
        return made

    return checked


def _plain(field: Any) -> Read:
    if isinstance(field, fields.Nested) and isinstance(field.schema, QuickSchema):
        return field.schema.quick_read
    if isinstance(field, fields.List):
        return _entries(_reader(field.inner))
    if isinstance(field, Reading):
        return field.read
    return _not_certain


def _entries(read: Read) -> Read:
    def entries(value: Any) -> Any:
        if type(value) is not list:
            raise NotCertain
        return tuple(map(read, value))

    return entries


def _not_certain(_value: Any) -> Any:
    raise NotCertain
