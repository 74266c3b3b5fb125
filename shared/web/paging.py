"""Pages of long lists, by keyset: the next page begins behind the last row of this one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from marshmallow import ValidationError, fields

from shared.errors import Malformed
from shared.web.fields import Reading, WholeNumber
from shared.web.i18n import N_
from shared.web.schema import CommandSchema

T = TypeVar("T")
C = TypeVar("C")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR = 300

_BAD = N_("This is not a cursor that was given out here.")


@dataclass(frozen=True)
class Cursor:
    """The place of a row in a list ordered by time and id."""

    at: datetime
    id: str

    def encode(self) -> str:
        return urlsafe_b64encode(msgspec.json.encode((self.at, self.id))).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Raises Malformed."""
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            at, identifier = msgspec.json.decode(raw, type=tuple[datetime, str])
            cursor = cls(at.astimezone(UTC), identifier)
        except (ValueError, OverflowError, msgspec.MsgspecError) as error:
            raise Malformed(_BAD, fields={"cursor": _BAD}) from error
        if at.tzinfo is None or "\x00" in identifier or len(text) > MAX_CURSOR:
            raise Malformed(_BAD, fields={"cursor": _BAD})
        return cursor


class CursorField(Reading, fields.Field[Cursor]):
    """A cursor as it was given out."""

    def __init__(self) -> None:
        super().__init__(load_default=None, metadata={"type": "string"})

    def read(self, value: object) -> Cursor:
        try:
            return Cursor.decode(str(value))
        except Malformed as error:
            raise ValidationError(_BAD) from error


class PageSchema(CommandSchema[C]):
    """The filters of a list: add yours. ``command`` gets ``cursor`` (or None) and ``limit``."""

    cursor = CursorField()
    limit = WholeNumber(minimum=1, maximum=MAX_LIMIT, load_default=DEFAULT_LIMIT)


def cut(
    rows: Sequence[T], limit: int, place: Callable[[T], Cursor]
) -> tuple[Sequence[T], str | None]:
    """One page of rows of which one more than ``limit`` was asked for, and the next cursor."""
    if len(rows) <= limit:
        return rows, None
    shown = rows[:limit]
    return shown, place(shown[-1]).encode()
