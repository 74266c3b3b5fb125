"""What may stand in a field: marshmallow fields that take one thing only, and say what else to do.

The same fields read JSON and forms. In a form everything is text: there a value is a ``FormText``,
and a number may be typed in digits; in JSON a number is a number.
"""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields

from shared.web.i18n import N_
from shared.web.validators import Length, OneOf, Range

Validators = Iterable[Callable[[Any], Any]]

_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_AREA = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}")
_MONEY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DAY = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
HIDDEN = N_("A name holds no line breaks, and nothing that cannot be seen.")

KNOWN = ("yes", "no", "unknown")
LARGEST = 2**53


class FormText(str):
    """A value that was typed into, or chosen in, a form."""

    __slots__ = ()


class Reading(ABC):
    """A field that reads a value without looking at its neighbours."""

    @abstractmethod
    def read(self, value: object) -> object:
        """Raises marshmallow.ValidationError."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Any:
        return self.read(value)


class Text(Reading, fields.String):
    """Words of people: composed the usual way (NFC), trimmed, without control characters.

    A single line also loses what cannot be seen (zero-width and direction marks).
    """

    def __init__(
        self, *, max_length: int = 200, min_length: int = 1, multiline: bool = False, **options: Any
    ) -> None:
        super().__init__(**_with(options, Length(min=min_length, max=max_length)))
        self.multiline = multiline

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValidationError(N_("This must be a text."))
        text = unicodedata.normalize("NFC", value)
        if self.multiline:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        else:
            text = _INVISIBLE.sub("", text)
        text = text.strip()
        if (_NOT_IN_TEXT if self.multiline else _NOT_IN_LINE).search(text):
            raise ValidationError(N_("This text holds a character that is not allowed."))
        return text if _INVISIBLE.sub("", text).strip() else ""


class Name(Text):
    """What somebody or something is called: on one line, and nothing in it that cannot be seen, or
    that turns what stands beside it around (C-21).
    """

    def read(self, value: object) -> str:
        if isinstance(value, str) and has_hidden(value.strip()):
            raise ValidationError(HIDDEN)
        return super().read(value)


def has_hidden(name: str) -> bool:
    """Whether it holds control, format or direction characters, or ends of lines."""
    return any(unicodedata.category(letter) in _HIDDEN for letter in name)


class CodeField(Reading, fields.String):
    """A code: one of ``choices``, or, without them, any that is well formed."""

    def __init__(self, choices: Collection[str] | None = None, **options: Any) -> None:
        if choices is not None:
            options = _with(options, OneOf(tuple(choices)))
        super().__init__(**options)

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not _CODE.fullmatch(value):
            raise ValidationError(N_("This is not a code."))
        return str(value)


class KnownField(CodeField):
    """A three-valued fact; left out means unknown."""

    def __init__(self, **options: Any) -> None:
        if not options.get("required"):
            options.setdefault("load_default", "unknown")
        super().__init__(KNOWN, **options)


class AreaField(Reading, fields.String):
    """A district (6 digits), street (9), community (12) or grid (15)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"pattern": f"^({_AREA.pattern})$"}, **options)

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not _AREA.fullmatch(value):
            raise ValidationError(N_("This is not an area code of 6, 9, 12 or 15 digits."))
        return str(value)


class WholeNumber(Reading, fields.Integer):
    """4 and 4.0 are whole numbers; 4.5, true and "4" are not."""

    def __init__(self, *, minimum: int = 0, maximum: int = LARGEST, **options: Any) -> None:
        super().__init__(**_with(options, Range(min=minimum, max=maximum)))

    def read(self, value: object) -> int:
        match value:
            case bool():
                pass
            case int():
                return value
            case float() if value.is_integer():
                return int(value)
            case FormText() if re.fullmatch(r"-?[0-9]{1,18}", value.strip()):
                return int(value)
            case _:
                pass
        raise ValidationError(N_("This must be a whole number."))


class Flag(Reading, fields.Boolean):
    """True or false; in a form a ticked box, or ``yes`` and ``no``."""

    def read(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, FormText) and value in {"yes", "on", "true", "no", "false"}:
            return value in {"yes", "on", "true"}
        raise ValidationError(N_("This must be yes or no."))


class Coordinate(Reading, fields.Float):
    """Degrees, within ``limit`` either way."""

    def __init__(self, *, limit: int, **options: Any) -> None:
        super().__init__(**_with(options, Range(min=-limit, max=limit)))

    def read(self, value: object) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, FormText) and re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,9})?", value):
            return float(value)
        raise ValidationError(N_("This must be a number of degrees."))


class Money(Reading, fields.Field[Decimal]):
    """Yuan as a text, ``1200.00``; up to 12 digits before the point and two behind it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": f"^{_MONEY.pattern}$"}, **options)

    def read(self, value: object) -> Decimal:
        if not isinstance(value, str) or not _MONEY.fullmatch(value):
            raise ValidationError(N_("This must be an amount in yuan, such as 1200.00."))
        return Decimal(value)

    def _serialize(
        self,
        value: Decimal | None,
        attr: str | None,  # noqa: ARG002
        obj: Any,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> str | None:
        return None if value is None else f"{value:.2f}"


class Day(Reading, fields.Date):
    """A calendar day, ``2026-05-01``."""

    def read(self, value: object) -> date:
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass  # 2026-02-30
        raise ValidationError(N_("This must be a day, such as 2026-05-01."))


class TimeOfDay(Reading, fields.Field[int]):
    """A time of the day in China, ``14:30``: the minutes since midnight."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": f"^({_TIME.pattern})$"}, **options)

    def read(self, value: object) -> int:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise ValidationError(N_("This must be a time of the day, such as 14:30."))
        hours, _, minutes = value.partition(":")
        return int(hours) * 60 + int(minutes)

    def _serialize(
        self,
        value: int | None,
        attr: str | None,  # noqa: ARG002
        obj: Any,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> str | None:
        return None if value is None else time_of_day(value)


def time_of_day(minute: int) -> str:
    """``14:30`` for the 870th minute."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Identifier(Reading, fields.UUID):
    """A UUID in its usual form."""

    def read(self, value: object) -> UUID:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise ValidationError(N_("This is not an id."))
        return UUID(value)


def _with(options: dict[str, Any], validator: Callable[[Any], Any]) -> dict[str, Any]:
    """The options with one more validator, before those given."""
    given: Validators | Callable[[Any], Any] | None = options.pop("validate", None)
    if given is None:
        more: list[Callable[[Any], Any]] = []
    elif callable(given):
        more = [given]
    else:
        more = list(given)
    return {**options, "validate": [validator, *more]}
