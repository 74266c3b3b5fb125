"""What the driver takes and gives, where SQLAlchemy is passed by because of its cost per row."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Row = Mapping[str, Any]
Convert = Callable[[Any], Any] | None
"""None: the value is the same on both sides."""


def to_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def from_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def converted(values: Sequence[Any], by: Sequence[Convert]) -> tuple[Any, ...]:
    """Each value by its own."""
    return tuple(
        [
            value if convert is None else convert(value)
            for value, convert in zip(values, by, strict=True)
        ]
    )


def as_sqlalchemy(dialect: Dialect, statement: str, error: Exception) -> BaseException:
    """An error of the driver as SQLAlchemy raises it, without the values."""
    base = dialect.loaded_dbapi.Error
    found: BaseException = DBAPIError.instance(
        statement, None, error, base, hide_parameters=True, dialect=dialect
    )
    return found
